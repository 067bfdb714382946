import { join, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { homeDirectory } from '#cli/home-directory.ts';
import type { Config } from '#config/schema.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
import { type InstalledPacks, openInstalledPacks } from '#packs/installed-packs.ts';
import { readNames } from '#packs/pack-parts.ts';
import type { PackWork } from '#packs/pack-work.ts';

/** The directory in which --standalone keeps its data unless `data_dir` names another. */
export function defaultDataDirectory(env: ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] ?? join(homeDirectory(env), '.local/state'), 'attune-agent');
}

/**
 * Whether the directories with packs can be read; one that is not there has none. Else the setting of each that cannot
 * be, and why, has been printed, and the exit code is 78.
 */
export async function canReadPacks(config: Config, env: ProcessEnv): Promise<boolean> {
  const directories = { packs_base_dir: config.packs_base_dir, installed_packs_dir: installedRoot(config, env) };
  const flaws = Object.entries(directories).flatMap(([setting, directory]) => {
    const names = readNames(directory);
    return names.ok ? [] : [`${setting}: ${names.error}`];
  });
  await complain(...flaws);
  return flaws.length === 0;
}

function installedRoot(config: Config, env: ProcessEnv): string {
  const data = config.data_dir ?? defaultDataDirectory(env);
  return resolve(config.installed_packs_dir ?? join(data, 'packs'));
}

/** Opens the packs that are sent to this server. */
export function installedPacksOf(config: Config, env: ProcessEnv, work: PackWork): InstalledPacks {
  return openInstalledPacks(installedRoot(config, env), config.packs_base_dir, {
    loadPackAt: work.loadPackAt,
    marks: { own: processMark, hasEnded: hasMarkEnded },
  });
}
