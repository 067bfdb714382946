import type { Broker, QueueDefinition } from '#domain/broker.ts';
import { EXCHANGES } from '#domain/messages.ts';
import type { SchedulingObserver } from '#domain/observer.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import type { Silence } from '#domain/silence.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { catchDeadLetters } from './dead-letters.ts';
import { createMonitor, type MonitorDependencies, type MonitorSettings } from './monitor.ts';
import type { Notifier } from './notifier.ts';
import { planBatch } from './plan.ts';
import { createThroughput } from './throughput.ts';

export interface SchedulerSettings extends MonitorSettings {
  /** The milliseconds for which an execution that no worker can run waits for a worker that can. */
  readonly schedulingDeadlineMs: number;
}

export interface SchedulerDependencies extends MonitorDependencies {
  readonly broker: Broker;
  /** Notes the passes that the database does not answer. */
  readonly silence: Pick<Silence, 'during'>;
  readonly observer: SchedulingObserver;
  /** Wakes the scheduler, from within this process too. */
  readonly notifier: Notifier;
}

/** The most executions of one priority that one pass of the scheduler takes, or as many as there are actions. */
const PASS_LIMIT = 200;
/** The milliseconds after which the database is asked again without any message. */
const TICK_MS = 500;
/** While every worker is full, a few are looked at all the same: perhaps nobody could ever run them. */
const LEAST_AT_A_TICK = 10;
/**
 * The longest pause after a pass that found something. A message ends it after a millisecond for each execution that was
 * found.
 */
const PAUSE_MS = 10;
const PREFETCH = 1000;

/**
 * Messages in these queues say that something has changed, and wake the scheduler, which then asks the database. The
 * scheduler does not need the messages about each status; a program that does binds a queue of its own to the exchange.
 */
const requestQueue: QueueDefinition = {
  name: 'attune.execution.requests.queue',
  bindings: [executions('execution.requested')],
  isDisposable: true,
};
const endQueue: QueueDefinition = {
  name: 'attune.execution.completed.queue',
  bindings: [executions('execution.completed')],
  isDisposable: true,
};

function executions(routingKey: string): QueueDefinition['bindings'][number] {
  return { exchange: EXCHANGES.executions, routingKey };
}

/** Schedules and monitors until `stop` aborts. Never rejects while the parts can be expected to come back. */
export async function runScheduler(
  deps: SchedulerDependencies,
  settings: SchedulerSettings,
  stop: AbortSignal,
): Promise<void> {
  const { notifier } = deps;
  let isIdle = false;
  const noteIdle = (next: boolean): void => {
    isIdle = next;
  };
  const monitor = createMonitor(deps, settings, { changed: notifier.notify, isIdle: () => isIdle });
  await using consumers = new AsyncDisposableStack();
  for (const queue of [requestQueue, endQueue])
    consumers.use(
      deps.broker.consume(queue, {
        prefetch: PREFETCH,
        onMessage: (delivery) => {
          delivery.acknowledge();
          if (queue === endQueue) notifier.notifyEnd();
          else notifier.notify();
        },
      }),
    );
  consumers.use(catchDeadLetters(deps, stop));
  await Promise.all([scheduleLoop(deps, settings, { stop, noteIdle }), monitor.run(stop), deps.relay.sweep(stop)]);
}

interface Passed {
  /** The number of executions that it has dispatched or given up. */
  readonly found: number;
  /** True if the next pass may find something that this one has not looked at. */
  readonly mayFindMore: boolean;
  /** True if something may wait that an end makes room for. What another server knows of is seen at the next tick. */
  readonly mayWait: boolean;
  /** True if nothing is assigned to a worker. */
  readonly isIdle: boolean;
}

/** Makes the function that schedules what waits, once. */
function createPass(
  { store, relay, clock, observer }: SchedulerDependencies,
  { leaseMs, schedulingDeadlineMs }: SchedulerSettings,
): (isTick: boolean) => Promise<Passed> {
  const throughput = createThroughput(clock.monotonic);
  const overcommit = ({ worker }: WorkerLoad): number => throughput.overcommit(worker);
  return async (isTick) => {
    let isIdle = false;
    const limit = (workers: readonly WorkerLoad[]): number => {
      isIdle = workers.every(({ assigned }) => assigned === 0);
      return Math.min(PASS_LIMIT, Math.max(roomOf(workers, overcommit), isTick ? LEAST_AT_A_TICK : 0));
    };
    const waits: number[] = [];
    let looked = 0;
    const scheduled = await store.schedule({ limit, leaseMs }, (requests, workers) => {
      looked += requests.length;
      const decisions = planBatch(requests, workers, {
        schedulingDeadlineMs,
        overcommit,
      });
      const ages = new Map(requests.map((one) => [one.execution, one.ageMs]));
      for (const decision of decisions)
        if (decision.kind === 'dispatch') {
          throughput.record(decision.worker);
          waits.push(ages.get(decision.execution) ?? 0);
        }
      return decisions;
    });
    if (scheduled) for (const waited of waits) observer.scheduled(waited);
    relay.publish(scheduled?.messages ?? []);
    /* The plan was dropped, because another scheduler had written since it was made. */
    if (!scheduled) return { found: 0, mayFindMore: true, mayWait: true, isIdle: false };
    const found = scheduled.dispatched + scheduled.givenUp;
    return {
      found,
      mayFindMore: scheduled.hasMore || (found > 0 && !scheduled.sawAll),
      mayWait: scheduled.hasMore || !scheduled.sawAll || found < looked,
      isIdle: isIdle && found === 0,
    };
  };
}

async function scheduleLoop(
  deps: SchedulerDependencies,
  settings: SchedulerSettings,
  { stop, noteIdle }: { readonly stop: AbortSignal; noteIdle(isIdle: boolean): void },
): Promise<void> {
  const { clock, logger, silence, observer, notifier } = deps;
  const pass = createPass(deps, settings);
  /* After a pass that found something workers have enough for a moment, and batches grow. */
  const rest = async ({ found, mayFindMore, mayWait }: Passed): Promise<void> => {
    const pauseMs = Math.min(PAUSE_MS, found);
    if (pauseMs > 0) await clock.sleep(pauseMs, stop);
    await notifier.wait((mayFindMore ? PAUSE_MS : TICK_MS) - pauseMs, stop, { hearsEnds: mayWait });
  };
  let problem: string | undefined;
  const note = (next: string | undefined): void => {
    if (next === problem) return;
    if (next === undefined) {
      logger.info('database back', {});
      observer.databaseBack();
    } else logger.warn('database unreachable', { why: next });
    problem = next;
  };
  for (let tickedAt = Number.NEGATIVE_INFINITY; !stop.aborted; ) {
    const isTick = clock.monotonic() - tickedAt >= TICK_MS;
    if (isTick) tickedAt = clock.monotonic();
    try {
      const passed = await silence.during(() => pass(isTick));
      noteIdle(passed.isIdle);
      note(undefined);
      await rest(passed);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      noteIdle(false);
      note(error.message);
      await clock.sleep(TICK_MS * (0.5 + clock.random()), stop);
    }
  }
}

/** The number of executions that the workers could be given. */
function roomOf(workers: readonly WorkerLoad[], overcommit: (worker: WorkerLoad) => number): number {
  return workers
    .filter((one) => one.isFresh && !one.isCordoned && !one.isPaused)
    .reduce((sum, one) => sum + Math.max(0, one.slots + overcommit(one) - one.assigned), 0);
}
