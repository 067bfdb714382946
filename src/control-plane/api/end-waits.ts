import { randomUUID } from 'node:crypto';
import type { Broker, Consumer, QueueDefinition } from '#domain/broker.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { EXCHANGES, type OutgoingMessage } from '#domain/messages.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import { invalidToken, Problem } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';

/** Requests of one token that wait for the end of an execution, and of all tokens. */
const MOST_OF_TOKEN = 300;
const MOST = 2000;
/** How often the database is asked for all of them at once though no message has said that anything has ended. */
const LOOK_MS = 500;
/** Between two questions to the database, however many executions end. */
const PAUSE_MS = 20;
/** The broker forgets the queue of a server that has gone. */
const QUEUE_LIVES_MS = 60_000;
const PREFETCH = 1000;
const ENDED = 'execution.completed';

/** The requests that wait at this server for the end of an execution. */
export interface EndWaits {
  /** Takes a place among those that wait. Throws a problem when too many do. */
  enter(request: WaitRequest): WaitingPlace;
  /** Hears of messages of this process; those of others come by the broker. */
  hear(messages: readonly Pick<OutgoingMessage, 'routingKey'>[]): void;
}

interface WaitingPlace extends Disposable {
  /**
   * Resolves when the execution has ended, after the seconds of the place, when the client has gone, or when the server
   * leaves. Throws a problem when the token of the request is no longer valid, at the latest some seconds later.
   */
  untilEnd(execution: ExecutionId): Promise<void>;
}

interface WaitRequest {
  /** The hash of the token of the request. */
  readonly hash: string;
  /** 0: it does not wait, and needs no place. */
  readonly seconds: number;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

interface WaitDependencies {
  readonly store: Pick<ClientStore, 'findEnded'>;
  readonly broker: Pick<Broker, 'consume'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly leaving: AbortSignal;
  readonly tokens: TokenWatch;
}

/** Makes the place where requests wait for ends, which the messages of the broker tell of from the first wait on. */
export function createEndWaits(deps: WaitDependencies): EndWaits {
  const enter = createPlaces();
  const { watch, notify } = createWatch(deps);
  let isListening = false;
  const listen = (): Consumer =>
    deps.broker.consume(queueOfServer(), {
      prefetch: PREFETCH,
      onMessage: (delivery) => {
        delivery.acknowledge();
        notify();
      },
    });
  const untilEnd = async (execution: ExecutionId, { hash, seconds, gone }: WaitRequest): Promise<void> => {
    if (!isListening) listen();
    isListening = true;
    const ending = new AbortController();
    deps.tokens.watch(hash, ending);
    const over = AbortSignal.any([gone, deps.leaving, ending.signal]);
    await watch(execution, async (ended) => {
      await deps.clock.sleep(seconds * 1000, AbortSignal.any([over, ended]));
    });
    ending.abort();
    if (await deps.tokens.isOver(hash)) throw invalidToken();
  };
  return {
    hear: (messages) => {
      if (messages.some(({ routingKey }) => routingKey === ENDED)) notify();
    },
    enter: (request) =>
      request.seconds === 0
        ? { untilEnd: async () => {}, [Symbol.dispose]: () => {} }
        : { untilEnd: (execution) => untilEnd(execution, request), [Symbol.dispose]: enter(request.hash) },
  };
}

/** Makes a function that takes a place, and returns one that gives it back. */
function createPlaces(): (hash: string) => () => void {
  const places = new Map<string, number>();
  let all = 0;
  const add = (hash: string, change: 1 | -1): void => {
    const ofToken = (places.get(hash) ?? 0) + change;
    all += change;
    if (ofToken > 0) places.set(hash, ofToken);
    else places.delete(hash);
  };
  return (hash) => {
    const ofToken = places.get(hash) ?? 0;
    if (ofToken >= MOST_OF_TOKEN || all >= MOST)
      throw new Problem('too-many-requests', `${ofToken} requests of this token and ${all} in all wait already`, {
        headers: { 'retry-after': '5' },
      });
    add(hash, 1);
    return () => add(hash, -1);
  };
}

interface Watch {
  /** Does the work, with a signal that aborts when the execution has ended. */
  watch(execution: ExecutionId, work: (ended: AbortSignal) => Promise<void>): Promise<void>;
  notify(): void;
}

/**
 * Makes one loop that asks the database for all watched executions in one statement: when it is told that something has
 * ended, and otherwise now and then, because a message may be lost.
 */
function createWatch({ store, clock }: WaitDependencies): Watch {
  const watched = new Map<AbortController, ExecutionId>();
  let isLooking = false;
  let alarm = new AbortController();
  const notify = (): void => {
    alarm.abort();
    alarm = new AbortController();
  };
  const endOver = async (): Promise<void> => {
    const ended = new Set(await ifAvailable(() => store.findEnded([...new Set(watched.values())])));
    for (const [one, execution] of watched) if (ended.has(execution)) one.abort();
  };
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    while (watched.size > 0) {
      const heard = alarm.signal;
      await endOver();
      await clock.sleep(PAUSE_MS);
      if (watched.size > 0) await clock.sleep(LOOK_MS, heard);
    }
    isLooking = false;
  };
  return {
    notify,
    watch: async (execution, work) => {
      const ending = new AbortController();
      watched.set(ending, execution);
      notify();
      void look();
      await work(ending.signal);
      watched.delete(ending);
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
