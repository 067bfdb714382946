import { relative } from 'node:path';
import type { ConfigSources } from '#config/load-config.ts';
import { loadPacks } from '#packs/load-action.ts';
import { readConfig } from './read-config.ts';

/** A pack of this machine, as calls name it. */
interface PackHere {
  /** Its directory, seen from the working directory. */
  readonly directory: string;
  /** The refs of its actions. */
  readonly actions: readonly string[];
}

/** The packs of the directory that `run` takes them from. */
export async function packsHere(sources: ConfigSources): Promise<readonly PackHere[]> {
  const config = await readConfig(sources);
  const packs = config ? loadPacks(config.packs_base_dir).packs : [];
  return packs.map(({ pack, actions }) => ({
    directory: relative(process.cwd(), pack.directory),
    actions: actions.map(({ ref }) => ref),
  }));
}
