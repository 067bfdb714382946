import { resolve } from 'node:path';
import type { Config } from '#config/schema.ts';
import type { WorkPlace } from '#execution/script/work-place.ts';
import type { Place } from '#worker/place.ts';

const KIB = 1024;
/** Room for the parameters and the code of an execution, for a chunk of a log, for a small artifact. */
const LITTLE = 64 * KIB;
/** A volume without room for this has no room for the dependencies of a pack. */
const MUCH = 1024 * KIB;

/** The directories of this machine that a worker writes to. `artifacts` is where they go unless the settings say so. */
export function placesOf(
  { worker: { spool_dir: spool }, artifacts }: Config,
  { root, environments }: Pick<WorkPlace, 'root' | 'environments'>,
  fallback?: string,
): readonly Place[] {
  const kept = artifacts.s3_bucket === undefined ? (artifacts.directory ?? fallback) : undefined;
  const watched = { isOwn: true, isWatched: true, bytes: LITTLE };
  return [
    { ...watched, name: 'work directory', path: root, isOwn: false },
    { ...watched, name: 'environments', path: environments, isWatched: false, bytes: MUCH },
    ...(spool === undefined ? [] : [{ ...watched, name: 'spool', path: resolve(spool) } as const]),
    ...(kept === undefined ? [] : [{ ...watched, name: 'artifacts', path: resolve(kept) } as const]),
  ];
}
