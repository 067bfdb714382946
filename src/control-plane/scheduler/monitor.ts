import type { Clock } from '#domain/clock.ts';
import { HOUR_MS } from '#domain/durations.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Recovered, ScheduleStore } from '#domain/schedule-store.ts';
import { Unavailable } from '#domain/unavailable.ts';

const TICK_MS = 500;
/** While no worker has anything, only every so many ticks the monitor looks. */
const IDLE_TICKS = 4;
const RECOVER_AT_ONCE = 200;
const KEEP_LOGS_EVERY_MS = HOUR_MS;
const FORGET_WORKERS_EVERY_MS = 10_000;
const END_STALE_EVERY_MS = 10_000;
/** Statements of ours end after 20 s. */
const STALE_MS = 30_000;
/** After the database has been away for long, workers get this time besides their lease to be heard of again. */
const RETURN_MS = 6000;
/** A longer silence of the database than this is long: workers try again ever more rarely. */
const LONG_SILENCE_MS = 3000;

export interface MonitorSettings {
  /** A worker whose last heartbeat is older than this is lost. */
  readonly leaseMs: number;
  /** Milliseconds after which an unclaimed execution is dispatched again. */
  readonly redispatchMs: number;
  readonly logRetentionDays: number;
  /** Milliseconds after its last heartbeat for which an ephemeral worker is remembered. */
  readonly forgetWorkersMs: number;
  /** True if messages about each change of status are published, because somebody outside listens. */
  readonly publishesEvents: boolean;
}

export interface MonitorDependencies {
  readonly store: ScheduleStore;
  readonly relay: Relay;
  readonly clock: Clock;
  /** Logs what people should know: a lost worker, a recovered execution. */
  readonly logger: Logger;
}

export interface Monitor {
  run(stop: AbortSignal): Promise<void>;
}

interface MonitorListener {
  /** Is told that there is something to schedule again. */
  changed(): void;
  /** Tells whether nothing is assigned to any worker: then there is nothing to dispatch again or to recover. */
  isIdle(): boolean;
}

/**
 * Makes the monitor, which recovers lost executions, dispatches again what nobody has claimed, and drops old logs and
 * workers.
 */
export function createMonitor(
  { store, relay, clock, logger }: MonitorDependencies,
  settings: MonitorSettings,
  { changed, isIdle }: MonitorListener,
): Monitor {
  const patience = createPatience(clock, settings.leaseMs);
  let keptLogsAt = Number.NEGATIVE_INFINITY;
  let endedStaleAt = Number.NEGATIVE_INFINITY;
  let forgotWorkersAt = Number.NEGATIVE_INFINITY;
  const heed = (event: string, { executions, messages }: Recovered): void => {
    relay.publish(messages);
    for (const { execution, status, reason } of executions) logger.warn(event, { execution, status, reason });
    if (executions.length > 0) changed();
  };
  const endStale = async (): Promise<void> => {
    if (clock.monotonic() - endedStaleAt <= END_STALE_EVERY_MS) return;
    endedStaleAt = clock.monotonic();
    for (const login of await store.endStale(STALE_MS)) logger.warn('transaction ended that held locks', { login });
  };
  const announce = once(() => store.publishEvents(settings.publishesEvents));
  const tick = async (): Promise<void> => {
    await announce();
    if (clock.monotonic() - keptLogsAt > KEEP_LOGS_EVERY_MS) {
      for (const day of await store.keepLogs(settings.logRetentionDays)) logger.info('logs dropped', { day });
      keptLogsAt = clock.monotonic();
    }
    await endStale();
    relay.publish((await store.dispatchAgain(settings.redispatchMs)).messages);
    if (!patience.mayJudge()) return;
    heed('lost execution recovered', await store.recoverLost(RECOVER_AT_ONCE));
    heed(
      'unclaimed execution taken back',
      await store.takeBack({ leaseMs: settings.leaseMs, olderThanMs: settings.redispatchMs }),
    );
    if (clock.monotonic() - forgotWorkersAt > FORGET_WORKERS_EVERY_MS) {
      for (const name of await store.forgetWorkers(Math.max(settings.forgetWorkersMs, settings.leaseMs)))
        logger.info('worker forgotten', { name });
      forgotWorkersAt = clock.monotonic();
    }
  };
  return {
    run: async (stop) => {
      for (let skipped = IDLE_TICKS; !stop.aborted; skipped++) {
        if (skipped >= IDLE_TICKS || !isIdle()) {
          await tick().catch(patience.noteFailure);
          skipped = 0;
        } else patience.noteRest();
        await clock.sleep(TICK_MS, stop);
      }
    },
  };
}

interface Patience {
  /**
   * Tells whether the silence of a worker proves anything: while the database was away, nobody could renew a lease, and
   * workers get the time to be heard of. To be called when the database has answered.
   */
  mayJudge(): boolean;
  noteFailure(error: unknown): void;
  /** Notes that the database was not asked, which is no silence of it, unless this process itself stood still. */
  noteRest(): void;
}

function createPatience({ monotonic }: Pick<Clock, 'monotonic'>, leaseMs: number): Patience {
  let answeredAt = Number.NEGATIVE_INFINITY;
  let judgesFrom = Number.NEGATIVE_INFINITY;
  let hasFailed = false;
  return {
    mayJudge: () => {
      const now = monotonic();
      const isFirst = answeredAt === Number.NEGATIVE_INFINITY;
      const wasLong = !isFirst && now - answeredAt > LONG_SILENCE_MS;
      if (isFirst || wasLong || hasFailed) judgesFrom = Math.max(judgesFrom, now + leaseMs + (wasLong ? RETURN_MS : 0));
      answeredAt = now;
      hasFailed = false;
      return now >= judgesFrom;
    },
    noteFailure: (error) => {
      if (!(error instanceof Unavailable)) throw error;
      hasFailed = true;
    },
    noteRest: () => {
      if (monotonic() - answeredAt <= LONG_SILENCE_MS) answeredAt = monotonic();
    },
  };
}

/** Makes a function that does the work whenever it is called, until that has succeeded. */
function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (!isDone) await work();
    isDone = true;
  };
}
