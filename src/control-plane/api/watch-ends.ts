import { randomUUID } from 'node:crypto';
import type { Broker, QueueDefinition } from '#domain/broker.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { lazy } from '#domain/lazy.ts';
import { EXCHANGES } from '#domain/messages.ts';
import { createPace } from '#domain/pace.ts';
import { ifAvailable } from '#domain/unavailable.ts';

/** How often the database is asked for all of them at once though no message has said that anything has ended. */
const LOOK_MS = 500;
/** Between the beginnings of two questions to the database, however many executions end: more where more are watched. */
const PAUSE_MS = { least: 2, most: 20, forEach: 0.05 };
/** The broker forgets the queue of a server that has gone. */
const QUEUE_LIVES_MS = 60_000;
const PREFETCH = 1000;
export const ENDED = 'execution.completed';

/** What is known of the end of an execution. */
interface End {
  /** Aborts when the execution has ended. */
  readonly signal: AbortSignal;
  /** The monotonic time at which that was found out; undefined before. */
  at(): number | undefined;
}

/** Finds out when executions end, for all at this server who want to know. */
export interface EndWatch {
  /** Watches an execution until `stop` aborts. */
  watch(execution: ExecutionId, stop: AbortSignal): End;
  /** Something has ended. */
  notify(): void;
}

interface WatchDependencies {
  readonly store: Pick<ClientStore, 'findEnded'>;
  readonly broker: Pick<Broker, 'consume'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
}

interface Watched {
  readonly execution: ExecutionId;
  readonly ending: AbortController;
  at: number | undefined;
}

/**
 * Makes one loop that asks the database for all watched executions in one statement: when the broker, which is listened
 * to from the first of them on, tells that something has ended, and otherwise now and then, because a message may be lost.
 */
export function watchEnds({ store, broker, clock }: WatchDependencies): EndWatch {
  const watched = new Set<Watched>();
  let isLooking = false;
  let alarm = new AbortController();
  const notify = (): void => {
    alarm.abort();
    alarm = new AbortController();
  };
  const listen = lazy(() =>
    broker.consume(queueOfServer(), {
      prefetch: PREFETCH,
      onMessage: (delivery) => {
        delivery.acknowledge();
        notify();
      },
    }),
  );
  const endOver = async (): Promise<void> => {
    const asked = [...watched];
    const executions = [...new Set(asked.map(({ execution }) => execution))];
    const ended = new Set(await ifAvailable(() => store.findEnded(executions)));
    const at = clock.monotonic();
    for (const one of asked)
      if (ended.has(one.execution)) {
        watched.delete(one);
        one.at = at;
        one.ending.abort();
      }
  };
  const pauseMs = (): number => Math.min(PAUSE_MS.most, PAUSE_MS.least + watched.size * PAUSE_MS.forEach);
  const pace = createPace(clock, pauseMs);
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    while (watched.size > 0) {
      await pace();
      const heard = alarm.signal;
      await endOver();
      if (watched.size > 0) await clock.sleep(LOOK_MS, heard);
    }
    isLooking = false;
  };
  return {
    notify,
    watch: (execution, stop) => {
      listen();
      const one: Watched = { execution, ending: new AbortController(), at: undefined };
      if (!stop.aborted) watched.add(one);
      stop.addEventListener('abort', () => watched.delete(one), { once: true });
      notify();
      void look();
      return { signal: one.ending.signal, at: () => one.at };
    },
  };
}

/** A queue of this server alone: each of several servers hears of each end. */
function queueOfServer(): QueueDefinition {
  return {
    name: `attune.execution.ended.${randomUUID()}`,
    bindings: [{ exchange: EXCHANGES.executions, routingKey: ENDED }],
    expiresMs: QUEUE_LIVES_MS,
    isDisposable: true,
  };
}
