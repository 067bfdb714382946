import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Store } from '#domain/store.ts';
import { stampOfFiles } from '#packs/archive.ts';
import type { PackWork } from '#packs/pack-work.ts';

interface SaverDependencies {
  readonly store: Store;
  readonly relay: Relay;
  readonly logger: Logger;
  packChecksum(directory: string): Promise<string>;
}

/**
 * Makes a function that registers the packs of a directory, if a file of it has changed since. It runs whenever an
 * action is asked for, so that an edited pack works at once. Each problem is logged once.
 */
export function createPackSaver(
  { store, relay, logger, packChecksum }: SaverDependencies,
  directory: string,
): (work: Pick<PackWork, 'loadPacks'>) => Promise<void> {
  const said = new Set<string>();
  let last: { readonly stamp: string; readonly saved: Promise<void> } | undefined;
  const save = async (work: Pick<PackWork, 'loadPacks'>): Promise<void> => {
    const { packs, problems } = await work.loadPacks(directory);
    for (const { message } of problems) {
      if (!said.has(message)) logger.info('broken pack', { why: message });
      said.add(message);
    }
    for (const one of packs) {
      const { messages } = await store.savePack({ ...one, checksum: await packChecksum(one.pack.directory) });
      relay.publish(messages);
    }
  };
  return async (work) => {
    const stamp = stampOfPacks(directory);
    if (last?.stamp !== stamp) last = { stamp, saved: save(work) };
    const { saved } = last;
    try {
      await saved;
    } catch (error) {
      if (last.saved === saved) last = undefined;
      throw error;
    }
  };
}

/** A text that differs when a file of a pack has changed; each pack may be a link to a directory anywhere. */
function stampOfPacks(directory: string): string {
  const names = existsSync(directory) ? readdirSync(directory).toSorted() : [];
  const packs = names.filter((name) => existsSync(join(directory, name, 'pack.yaml')));
  return packs.map((name) => `${name} ${stampOfFiles(join(directory, name))}`).join('\n');
}
