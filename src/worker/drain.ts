import type { AgentStore } from '#domain/agent-store.ts';
import type { Consumer } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { Executor } from './executor.ts';
import type { Intake } from './intake.ts';
import type { Reporter } from './reporter.ts';

export interface DrainDependencies {
  readonly store: Pick<AgentStore, 'beginDrain' | 'deregister'>;
  readonly relay: Pick<Relay, 'publish' | 'idle'>;
  readonly clock: Clock;
  readonly session: WorkerSession;
  readonly intake: Intake;
  readonly reporter: Reporter;
  readonly executor: Executor;
  /** The worker's consumers, that of executions first. */
  readonly consumers: readonly Consumer[];
  readonly logger: Logger;
}

export interface DrainOptions {
  readonly shutdownMs: number;
  readonly killNow: AbortSignal;
  /**
   * What becomes of the queues of the worker: they are kept, or go with it, or that of executions is left empty, because
   * whoever takes over the worker would run what is in it.
   */
  readonly queues: 'kept' | 'emptied' | 'removed';
}

/** The part of the time for the shutdown that ending processes and reporting to the database may take. */
const RESERVE_FRACTION = 0.25;
const MOST_RESERVE_MS = 8000;
/** Ending processes and reporting get so long, or half of the time where there is less than twice as much. */
const LEAST_RESERVE_MS = 3000;
/** The most milliseconds that are kept for the last steps. */
const LAST_WORDS_MS = 1000;
/** Milliseconds that an end at once takes. */
const HURRY_MS = 1500;

const unstartedVerdict = {
  kind: 'again',
  reason: 'its worker was shut down before it began',
  delayMs: 0,
  isFree: true,
  result: { succeeded: false, cancelled: true, error: 'cancelled' },
} as const;

/**
 * Drains a worker: it takes nothing new, finishes or hands back what it has, delivers what waits, and deregisters. All of
 * that together takes no longer than `shutdownMs`, and no longer than a moment once `killNow` aborts, whoever does not
 * answer.
 */
export async function drain(deps: DrainDependencies, { shutdownMs, killNow, queues }: DrainOptions): Promise<void> {
  const { store, relay, clock, session, intake, reporter, executor, consumers, logger } = deps;
  const time = startDeadline(clock, shutdownMs, killNow);
  const reserveMs = reserveOf(shutdownMs);
  const handBackUnstarted = (): void => {
    for (const { execution, attempt } of intake.close())
      reporter.settle({ ...session, execution, attempt, verdict: unstartedVerdict });
  };
  handBackUnstarted();
  const [executions] = consumers;
  /* If the database is away the worker leaves all the same: the monitor finds out by the lease. */
  const leaving = Promise.all([executions?.[Symbol.asyncDispose](), handBackScheduled(deps)]);
  await time.until(shutdownMs - reserveMs, leaving);
  if (executor.count() > 0) logger.info('draining', { running: executor.count(), at_most_ms: shutdownMs });
  await time.until(reserveMs, intake.idle());
  executor.interruptAll('shutdown');
  /* Claims that were under way when the intake closed have been granted since: they hand back too. */
  const handedBack = intake.idle().then(handBackUnstarted);
  await time.until(
    time.lastWordsMs(),
    handedBack.then(() => reporter.idle()),
  );
  const leave = async (): Promise<void> => {
    /* What was dispatched at the last moment goes back too: its message is about to be thrown away. */
    if (queues !== 'kept') await handBackScheduled(deps);
    await Promise.all([relay.idle(), ifAvailable(() => store.deregister(session)), ...leaveQueues(consumers, queues)]);
  };
  await time.until(0, leave());
  const left = reporter.waiting;
  if (left.settlements() > 0 || left.bytes() > 0)
    logger.error('not delivered', { results: left.settlements(), log_bytes: left.bytes() });
  reporter.stop();
}

function reserveOf(shutdownMs: number): number {
  const least = Math.min(LEAST_RESERVE_MS, shutdownMs / 2);
  return Math.max(least, Math.min(MOST_RESERVE_MS, shutdownMs * RESERVE_FRACTION));
}

interface Deadline {
  /** Waits for work until so many milliseconds are left; not at all once it is to end at once, when it begins anew. */
  until(leftMs: number, work: Promise<unknown>): Promise<unknown>;
  /** The milliseconds that are kept for the last steps. */
  lastWordsMs(): number;
}

/** One deadline for everything; `killNow` sets it to a moment from then. */
function startDeadline(clock: Clock, ms: number, killNow: AbortSignal): Deadline {
  let end = clock.monotonic() + ms;
  let isHurried = false;
  const hurry = (): void => {
    if (isHurried) return;
    isHurried = true;
    end = Math.min(end, clock.monotonic() + HURRY_MS);
  };
  return {
    until: async (leftMs, work) => {
      if (killNow.aborted) hurry();
      const wait = (signal?: AbortSignal): Promise<unknown> =>
        Promise.race([clock.sleep(Math.max(0, end - leftMs - clock.monotonic()), signal), work]);
      await (isHurried ? wait() : wait(killNow));
    },
    lastWordsMs: () => (killNow.aborted ? LAST_WORDS_MS / 2 : Math.min(LAST_WORDS_MS, ms / 8)),
  };
}

async function handBackScheduled({ store, relay, session }: DrainDependencies): Promise<void> {
  await ifAvailable(async () => relay.publish((await store.beginDrain(session)).messages));
}

function leaveQueues(consumers: readonly Consumer[], queues: DrainOptions['queues']): readonly Promise<void>[] {
  if (queues === 'removed') return consumers.map((one) => one.remove());
  const [executions, ...others] = consumers;
  return [
    ...(queues === 'emptied' && executions ? [executions.empty()] : []),
    ...others.map(async (one) => await one[Symbol.asyncDispose]()),
  ];
}
