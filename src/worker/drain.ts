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

interface DrainOptions {
  readonly shutdownMs: number;
  readonly killNow: AbortSignal;
  /** True if the queues of the worker go with it. */
  readonly removesQueues: boolean;
}

/** The part of the time for the shutdown that ending processes and reporting to the database may take. */
const RESERVE_FRACTION = 0.25;
const MOST_RESERVE_MS = 8000;
/** Milliseconds that an immediate end spends on reporting to the database. */
const LAST_WORDS_MS = 1000;

const unstartedVerdict = {
  kind: 'again',
  reason: 'its worker was shut down before it began',
  delayMs: 0,
  result: { succeeded: false, cancelled: true, error: 'cancelled' },
} as const;

/**
 * Drains a worker: it takes nothing new, finishes or hands back what it has, delivers what waits, and deregisters. The
 * time is bounded by `shutdownMs`, and by `killNow`.
 */
export async function drain(
  deps: DrainDependencies,
  { shutdownMs, killNow, removesQueues }: DrainOptions,
): Promise<void> {
  const { store, relay, clock, session, intake, reporter, executor, consumers, logger } = deps;
  const end = clock.monotonic() + shutdownMs;
  const within = (ms: number, work: Promise<unknown>): Promise<unknown> => {
    const limit = Promise.race([clock.sleep(ms, killNow), work]);
    return killNow.aborted ? Promise.race([clock.sleep(LAST_WORDS_MS), work]) : limit;
  };
  const reserveMs = Math.min(MOST_RESERVE_MS, shutdownMs * RESERVE_FRACTION);
  const handBackUnstarted = (): void => {
    for (const { execution, attempt } of intake.close())
      reporter.settle({ ...session, execution, attempt, verdict: unstartedVerdict });
  };
  handBackUnstarted();
  const [executions, ...others] = consumers;
  /* If the database is away the worker leaves all the same: the monitor finds out by the lease. */
  const leaving = Promise.all([
    executions?.[Symbol.asyncDispose](),
    ifAvailable(async () => relay.publish((await store.beginDrain(session)).messages)),
  ]);
  await within(reserveMs, leaving);
  if (executor.count() > 0) logger.info('draining', { running: executor.count(), at_most_ms: shutdownMs });
  await within(end - reserveMs - clock.monotonic(), intake.idle());
  executor.interruptAll('shutdown');
  /* Claims that were under way when the intake closed have been granted since: they hand back too. */
  const handedBack = intake.idle().then(handBackUnstarted);
  await within(
    Math.max(end - clock.monotonic(), LAST_WORDS_MS),
    handedBack.then(() => reporter.idle()),
  );
  await within(
    LAST_WORDS_MS,
    Promise.all([
      relay.idle(),
      ifAvailable(() => store.deregister(session)),
      ...(removesQueues ? consumers.map((one) => one.remove()) : others.map((one) => one[Symbol.asyncDispose]())),
    ]),
  );
  const left = reporter.waiting;
  if (left.settlements() > 0 || left.bytes() > 0)
    logger.info('not delivered', { results: left.settlements(), log_bytes: left.bytes() });
  reporter.stop();
}
