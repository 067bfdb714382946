import { existsSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { whenAborted } from '#domain/abort.ts';
import { DAY_MS, MINUTE_MS } from '#domain/durations.ts';
import { fileProblemOf } from '#domain/errors.ts';
import type { PackSource } from '#domain/pack-source.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { PackWork } from './pack-work.ts';
import { unpackArchive } from './unpack.ts';

interface WantedPack {
  readonly ref: string;
  /** SHA-256 of the archive before compression, in hexadecimal digits. */
  readonly checksum: string;
}

export interface PackCache {
  /** The directory of exactly that pack, fetched now if it is not there. The error is a sentence. */
  get(pack: WantedPack, stop: AbortSignal): Promise<Result<string, string>>;
}

/** Other states of a pack are kept so long after they were last used. */
const KEEP_MS = DAY_MS;
/** The milliseconds between two notes of the use of a pack. */
const USE_NOTE_MS = MINUTE_MS;
const FETCH_TIMEOUT_MS = 10 * MINUTE_MS;

/** Makes a cache of the packs of a source, which are kept below `root` by their checksums. */
export function createPackCache(root: string, source: PackSource, load: PackWork['loadPackAt']): PackCache {
  const fetching = new Map<string, Promise<Result<string, string>>>();
  const noted = new Map<string, number>();
  const fetchPack = async (wanted: WantedPack, place: string): Promise<Result<string, string>> => {
    try {
      mkdirSync(root, { recursive: true });
      const archive = await source.open(wanted.ref, AbortSignal.timeout(FETCH_TIMEOUT_MS));
      const unpacked = await unpackArchive(place, archive, { ...wanted, load });
      if (unpacked.ok) await removeOthers(root, wanted.ref, place);
      return unpacked.ok ? success(place) : failure(`pack ${wanted.ref}: ${unpacked.error}`);
    } catch (error) {
      return failure(`pack ${wanted.ref} cannot be fetched: ${fileProblemOf(error)}`);
    }
  };
  return {
    get: async (wanted, stop) => {
      const place = join(root, `${wanted.ref}-${wanted.checksum.slice(0, 32)}`);
      if (existsSync(place)) {
        const now = performance.now();
        if (now - (noted.get(place) ?? Number.NEGATIVE_INFINITY) > USE_NOTE_MS) {
          noted.set(place, now);
          utimesSync(place, new Date(), new Date());
        }
        return success(place);
      }
      /* Several executions may wait for it: the end of one is not the end of the others. */
      const fetched = fetching.get(place) ?? fetchPack(wanted, place).finally(() => fetching.delete(place));
      fetching.set(place, fetched);
      return await Promise.race([fetched, cancelled(stop)]);
    },
  };
}

async function cancelled(stop: AbortSignal): Promise<Result<never, string>> {
  await whenAborted(stop);
  return failure('cancelled');
}

async function removeOthers(root: string, ref: string, current: string): Promise<void> {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (!name.startsWith(`${ref}-`) || path === current) continue;
    if (Date.now() - statSync(path).mtimeMs > KEEP_MS) await rm(path, { recursive: true, force: true });
  }
}
