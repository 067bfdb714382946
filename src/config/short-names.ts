/** The environment variables of settings that have a short name besides `ATTUNE__SECTION__KEY`. */
export const shortNames: Readonly<Record<string, string>> = {
  ATTUNE_WORKER_NAME: 'worker.name',
  ATTUNE_WORKER_TYPE: 'worker.worker_type',
  ATTUNE_WORKER_RUNTIMES: 'worker.runtimes',
  ATTUNE_PACKS_DIR: 'packs_base_dir',
  ATTUNE_INSTALLED_PACKS_DIR: 'installed_packs_dir',
  ATTUNE_PACK_ARCHIVES: 'pack_archives_dir',
  ATTUNE_WORK_DIR: 'work_dir',
  ATTUNE_DATA_DIR: 'data_dir',
  ATTUNE_RUNTIME_ENVS_DIR: 'runtime_envs_dir',
  ATTUNE_API_URL: 'api_url',
  ATTUNE_API_TOKEN: 'api_token',
  ATTUNE_CONTEXT: 'api_context',
};

/** The environment variables of a setting: its short name first, if it has one. Each may end in `_FILE`. */
export function variablesOf(setting: string): readonly string[] {
  const short = Object.entries(shortNames).flatMap(([name, of]) => (of === setting ? [name] : []));
  return [...short, `ATTUNE__${setting.toUpperCase().replaceAll('.', '__')}`];
}
