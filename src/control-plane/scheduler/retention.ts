import type { ArtifactStorage } from '#domain/artifact.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { RETAINED, type Retained, type RetentionLimit, type RetentionStore } from '#domain/retention-store.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** Rows of one statement: others wait for it no longer than for a batch of executions. */
const MOST_AT_ONCE = 200;
/** Between two batches, so that whoever works has the database for most of the time. */
const PAUSE_MS = 100;

export type RetentionLimits = Readonly<Record<Retained | 'artifacts', RetentionLimit>>;

export interface RetentionSettings {
  readonly everyMs: number;
  readonly limits: RetentionLimits;
}

export interface RetentionDependencies {
  readonly store: RetentionStore;
  /** undefined: artifacts are not kept here. */
  readonly artifacts: Pick<ArtifactStorage, 'remove'> | undefined;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  readonly logger: Logger;
  /** Counts what was removed. */
  readonly removed: (what: keyof RetentionLimits, count: number) => void;
}

/** Removes what is old or too much, batch by batch, until `stop` aborts. Of several servers one does each batch. */
export async function runRetention(
  deps: RetentionDependencies,
  { everyMs, limits }: RetentionSettings,
  stop: AbortSignal,
): Promise<void> {
  const { store, clock, logger } = deps;
  const removeAll = async (
    what: keyof RetentionLimits,
    removeSome: (limit: RetentionLimit) => Promise<number>,
  ): Promise<void> => {
    const limit = limits[what];
    if (limit.days === undefined && limit.count === undefined) return;
    let all = 0;
    for (let some = 1; some > 0 && !stop.aborted; all += some) {
      some = await removeSome(limit);
      deps.removed(what, some);
      await clock.sleep(PAUSE_MS, stop);
    }
    if (all > 0) logger.info('removed', { what, count: all });
  };
  const round = async (): Promise<void> => {
    for (const what of RETAINED)
      await removeAll(what, async (limit) => (await store.prune(what, limit, MOST_AT_ONCE)) ?? 0);
    const { artifacts } = deps;
    if (artifacts) await removeAll('artifacts', (limit) => removeArtifacts({ ...deps, artifacts }, limit));
  };
  while (!stop.aborted) {
    await clock.sleep(everyMs * (0.5 + clock.random()), stop);
    if (stop.aborted) return;
    await round().catch((error: unknown) => {
      if (!(error instanceof Unavailable)) logger.warn('not removed', { why: messageOf(error) });
    });
  }
}

/** Removes files first: a version whose file is gone is found again, a file that nobody knows is not. */
async function removeArtifacts(
  { store, artifacts }: RetentionDependencies & { readonly artifacts: Pick<ArtifactStorage, 'remove'> },
  limit: RetentionLimit,
): Promise<number> {
  const old = await store.findOldArtifacts(limit, MOST_AT_ONCE);
  for (const { path } of old) await artifacts.remove(path);
  if (old.length > 0) await store.forgetArtifacts(old.map((one) => one.id));
  return old.length;
}
