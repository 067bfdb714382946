import { randomUUID } from 'node:crypto';
import type { Broker, QueueDefinition } from '#domain/broker.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { lazy } from '#domain/lazy.ts';
import { EXCHANGES } from '#domain/messages.ts';
import { ifAvailable } from '#domain/unavailable.ts';

/** How often the database is asked for all of them at once, because a message may be lost. */
const LOOK_MS = 500;
/** The broker forgets the queue of a server that has gone. */
const QUEUE_LIVES_MS = 60_000;
const PREFETCH = 1000;
export const ENDED = 'execution.completed';

/** What is heard of the end of an execution. */
interface End {
  /**
   * Aborts when the execution is said to have ended, by a message, which anybody may have sent, or by the database.
   * Whoever hears that reads the execution, and watches it again where it has not.
   */
  readonly signal: AbortSignal;
  /** The monotonic time at which that was heard; undefined before. */
  at(): number | undefined;
}

/** Hears of ends of executions, for all at this server who want to know. */
export interface EndWatch {
  /** Watches an execution until `stop` aborts. One that ended before is not heard of at once: read it after this call. */
  watch(execution: ExecutionId, stop: AbortSignal): End;
  /** A message says that these executions have ended. */
  notify(executions: readonly ExecutionId[]): void;
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
 * Makes a watch that listens to the broker from the first execution on, and now and then asks the database for all
 * watched executions in one statement.
 */
export function watchEnds({ store, broker, clock }: WatchDependencies): EndWatch {
  const watched = new Set<Watched>();
  let isLooking = false;
  const notify = (executions: readonly ExecutionId[]): void => {
    const named = new Set(executions);
    for (const one of watched)
      if (named.has(one.execution)) {
        watched.delete(one);
        one.at = clock.monotonic();
        one.ending.abort();
      }
  };
  const listen = lazy(() =>
    broker.consume(queueOfServer(), {
      prefetch: PREFETCH,
      onMessage: ({ message, acknowledge }) => {
        acknowledge();
        if (message.kind === 'execution-changed') notify([message.execution, ...(message.others ?? [])]);
      },
    }),
  );
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    while (watched.size > 0) {
      await clock.sleep(LOOK_MS);
      const executions = [...new Set([...watched].map(({ execution }) => execution))];
      if (executions.length > 0) notify((await ifAvailable(() => store.findEnded(executions))) ?? []);
    }
    isLooking = false;
  };
  return {
    notify,
    watch: (execution, stop) => {
      listen();
      const one: Watched = { execution, ending: new AbortController(), at: undefined };
      const { signal } = one.ending;
      if (!stop.aborted) watched.add(one);
      stop.addEventListener('abort', () => watched.delete(one), { once: true, signal });
      void look();
      return { signal, at: () => one.at };
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
