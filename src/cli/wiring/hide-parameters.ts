import type { AdminStore } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { shownParameters } from '#packs/secret-output.ts';

interface HidingDependencies {
  readonly store: Pick<AdminStore, 'hideParameters'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Between two steps others have the database. */
const STEP_MS = 100;
/** Servers of an earlier version may still store what is to be hidden, and packs may say that more of it is secret. */
const LOOKS_AGAIN_MS = 20_000;

/** Hides what is secret of parameters that were stored before it was known to be secret, until `stop` aborts. Never rejects. */
export async function keepParametersHidden(
  { store, clock, logger }: HidingDependencies,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const { hidden, schedules, isDone } = await store.hideParameters(shownParameters).catch((error: unknown) => {
      if (!(error instanceof Unavailable))
        logger.warn('secret parameters are not hidden yet', { why: messageOf(error) });
      return { hidden: 0, schedules: 0, isDone: true };
    });
    if (hidden > 0) logger.info('secret parameters hidden', { executions: hidden });
    if (schedules > 0) logger.info('secret parameters of schedules hidden', { schedules });
    await clock.sleep(isDone ? LOOKS_AGAIN_MS : STEP_MS, stop);
  }
}
