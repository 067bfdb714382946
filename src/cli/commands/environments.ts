import { basename } from 'node:path';
import { show } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { paint, write } from '#cli/terminal.ts';
import { detectVisibly } from '#cli/wiring/detect-visibly.ts';
import { DAY_MS, environmentsOf } from '#cli/wiring/open-environments.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import type { Config } from '#config/schema.ts';
import type { Action } from '#domain/action.ts';
import { families } from '#domain/families.ts';
import type { ProcessEnv, RuntimeFamily } from '#domain/runtime.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { listReady } from '#execution/environments/layout.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { loadPacks } from '#packs/load-action.ts';
import { prepareAhead, type Readiness } from '#worker/prepare-ahead.ts';

export interface EnvironmentsOptions {
  readonly config?: string;
  readonly directory?: string;
  readonly packs?: string;
  readonly format: 'text' | 'json';
}

interface Opened {
  readonly config: Config;
  readonly root: string;
  readonly environments: PackEnvironments;
}

/** On the volume of this machine; the error has been said. */
async function open(options: EnvironmentsOptions, env: ProcessEnv): Promise<Opened | number> {
  const flags = { runtime_envs_dir: options.directory, packs_base_dir: options.packs };
  const config = await readConfig({ flags, env, file: options.config });
  if (!config) return EXIT.configuration;
  const workPlace = findWorkPlace(env, config);
  if (!workPlace.ok) {
    await complain(workPlace.error);
    return EXIT.failure;
  }
  const root = workPlace.value.environments;
  return { config, root, environments: environmentsOf(config, { root, env }) };
}

/** What is installed or compiled here, and how long ago it was used. */
export async function listEnvironments(options: EnvironmentsOptions, env: ProcessEnv): Promise<number> {
  const opened = await open(options, env);
  if (typeof opened === 'number') return opened;
  const kept = listReady(opened.root).toSorted((a, b) => b.lastUsed - a.lastUsed);
  const rows = kept.map(({ pack, packVersion, recipe, place, bytes, lastUsed }) => [
    ...[`${pack} ${packVersion}`, recipe, basename(place), `${(bytes / 1e6).toFixed(1)} MB`],
    new Date(lastUsed).toISOString().slice(0, 16).replace('T', ' '),
  ]);
  const answer = kept.map((one) => ({ ...one, lastUsed: new Date(one.lastUsed).toISOString() }));
  await show(options, { directory: opened.root, environments: answer }, [
    ['PACK', 'BY', 'NAME', 'SIZE', 'LAST USED'],
    ...rows,
  ]);
  return EXIT.success;
}

/** What the packs of packs_base_dir need, before anybody asks for it: into an image, or a volume that workers only read. */
export async function buildEnvironments(
  packs: readonly string[],
  options: EnvironmentsOptions,
  env: ProcessEnv,
): Promise<number> {
  const opened = await open(options, env);
  if (typeof opened === 'number') return opened;
  using stop = stopOnSignals();
  const { packs_base_dir: directory } = opened.config;
  const loaded = loadPacks(directory);
  for (const { message } of loaded.problems) await complain(message);
  const wanted = loaded.packs.filter(({ pack }) => packs.length === 0 || packs.includes(pack.ref));
  const actions = wanted.flatMap((one) => one.actions);
  const { interpreters } = await detectVisibly(env, { families: familiesOf(actions), stop: stop.cancel });
  const usable = interpreters.filter((one) => one.problem === undefined);
  const io = { sink: { write: (_: string, bytes: Uint8Array) => write(process.stderr, bytes) }, signals: stop };
  const done = await prepareAhead(actions, { ...opened, interpreters: usable }, io);
  if (done.length === 0) {
    const which = packs.length === 0 ? '' : ` of ${packs.join(', ')}`;
    await complain(`nothing${which} in ${directory} can run here: choose another directory with --packs`);
    return EXIT.failure;
  }
  const answer = options.format === 'json' ? JSON.stringify({ actions: done }, null, 2) : done.map(lineOf).join('\n');
  await write(process.stdout, `${answer}\n`);
  return stop.exitCode() ?? (done.some((one) => one.problem !== undefined) ? EXIT.failure : EXIT.success);
}

/** Those that they need, so that no other has to be asked for its version. */
function familiesOf(actions: readonly Action[]): readonly RuntimeFamily[] {
  const names = actions.map((one) => one.runtime.name);
  return families.filter((one) => names.includes(one.name));
}

function lineOf({ action, problem }: Readiness): string {
  return problem === undefined
    ? `${paint('green', '✔', process.stdout)} ${action}`
    : `${paint('red', '✘', process.stdout)} ${action}: ${problem}`;
}

/** Removes what nobody has used for `days`, or everything that nobody uses now. */
export async function pruneEnvironments(
  options: EnvironmentsOptions & { readonly all?: true; readonly days?: string },
  env: ProcessEnv,
): Promise<number> {
  const opened = await open(options, env);
  if (typeof opened === 'number') return opened;
  const { max_age_days: usual, max_bytes: most } = opened.config.environments;
  const days = options.all ? 0 : Number(options.days ?? usual);
  if (!(days >= 0)) {
    await complain(`--days ${options.days}: expected a number`);
    return EXIT.usage;
  }
  const removed = await opened.environments.prune({ ageMs: days * DAY_MS, bytes: most });
  await show(options, { removed }, [['REMOVED'], ...removed.map((place) => [place])]);
  return EXIT.success;
}
