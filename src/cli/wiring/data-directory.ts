import { join, resolve } from 'node:path';
import { homeDirectory } from '#cli/home-directory.ts';
import type { Config } from '#config/schema.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
import { type InstalledPacks, openInstalledPacks } from '#packs/installed-packs.ts';
import type { PackWork } from '#packs/pack-work.ts';

/** The directory in which --standalone keeps its data unless `data_dir` names another. */
export function defaultDataDirectory(env: ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] ?? join(homeDirectory(env), '.local/state'), 'attune-agent');
}

/** Opens the packs that are sent to this server. */
export function installedPacksOf(config: Config, env: ProcessEnv, work: PackWork): InstalledPacks {
  const data = config.data_dir ?? defaultDataDirectory(env);
  const root = resolve(config.installed_packs_dir ?? join(data, 'packs'));
  return openInstalledPacks(root, config.packs_base_dir, {
    loadPackAt: work.loadPackAt,
    marks: { own: processMark, hasEnded: hasMarkEnded },
  });
}
