import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import type { PackContents } from '#domain/client-store.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Store } from '#domain/store.ts';
import type { PackChecksum } from '#packs/archive.ts';
import type { LoadedPack } from '#packs/load-action.ts';
import { readNames } from '#packs/pack-parts.ts';
import { stampOfFiles } from '#packs/pack-stamp.ts';
import type { PackWork } from '#packs/pack-work.ts';
import type { PackProblem } from '#packs/read-yaml.ts';

interface SaverDependencies {
  readonly store: Store;
  readonly relay: Relay;
  readonly logger: Logger;
  readonly packChecksum: PackChecksum;
}

/** The packs of a directory, as the server knows them. */
export interface PackSaver {
  /** Registers them, if a file of one has changed since. */
  save(work: Pick<PackWork, 'loadPacks'>): Promise<void>;
  /** Does so before an action is looked up, and tells what could not be loaded. */
  served(work: Pick<PackWork, 'loadPacks'>): Pick<ApiDependencies['packs'], 'refresh' | 'problems'>;
}

/**
 * Makes what registers the packs of a directory, if a file of it has changed since. It runs whenever an
 * action is asked for, so that an edited pack works at once. Each problem is logged once.
 */
export function createPackSaver(
  { store, relay, logger, packChecksum }: SaverDependencies,
  directory: string,
): PackSaver {
  const said = new Set<string>();
  let broken: readonly PackProblem[] = [];
  let last: { readonly stamp: string; readonly saved: Promise<void> } | undefined;
  const save = async (work: Pick<PackWork, 'loadPacks'>): Promise<void> => {
    const { packs, problems } = await work.loadPacks(directory);
    broken = problems;
    for (const { message } of problems) {
      if (!said.has(message)) logger.warn('broken pack', { why: message });
      said.add(message);
    }
    relay.publish((await store.savePacks(await withChecksums(packs, packChecksum))).messages);
  };
  const saveChanged = async (work: Pick<PackWork, 'loadPacks'>): Promise<void> => {
    const stamp = await stampOfPacks(directory);
    if (last?.stamp !== stamp) last = { stamp, saved: save(work) };
    const { saved } = last;
    try {
      await saved;
    } catch (error) {
      if (last.saved === saved) last = undefined;
      throw error;
    }
  };
  return {
    save: saveChanged,
    served: (work) => ({ refresh: () => saveChanged(work), problems: () => broken }),
  };
}

/** Completes packs with their checksums, one after the other. */
export async function withChecksums(
  packs: readonly LoadedPack[],
  checksumOf: PackChecksum,
): Promise<readonly PackContents[]> {
  const contents: PackContents[] = [];
  for (const one of packs) contents.push({ ...one, checksum: await checksumOf(one.pack.directory, one.stamp) });
  return contents;
}

/** A text that differs when a file of a pack has changed; each pack may be a link to a directory anywhere. */
async function stampOfPacks(directory: string): Promise<string> {
  const names = readNames(directory);
  if (!names.ok) return names.error;
  const packs = names.value.filter((name) => existsSync(join(directory, name, 'pack.yaml')));
  const stamps: string[] = [];
  for (const name of packs) stamps.push(`${name} ${await stampOfFiles(join(directory, name)).catch(messageOf)}`);
  return stamps.join('\n');
}
