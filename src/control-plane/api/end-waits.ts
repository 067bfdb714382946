import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import { invalidToken, Problem } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';
import { ENDED, type EndWatch } from './watch-ends.ts';

/** Requests of one token that wait for the end of an execution, and of all tokens. */
const MOST_OF_TOKEN = 300;
const MOST = 2000;

/** The requests that wait at this server for the end of an execution. */
export interface EndWaits {
  /** Takes a place among those that wait. Throws a problem when too many do. */
  enter(request: WaitRequest): WaitingPlace;
  /** Hears of messages of this process; those of others come by the broker. */
  hear(messages: readonly Pick<OutgoingMessage, 'routingKey'>[]): void;
}

interface WaitingPlace extends Disposable {
  /**
   * Resolves with what is read then, when the execution has ended, after the seconds of the place, when the client has gone, or when the server
   * leaves. Throws a problem when the token of the request is no longer valid, at the latest some seconds later.
   */
  untilEnd<T>(execution: ExecutionId, read: () => Promise<T>): Promise<T>;
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
  readonly clock: Pick<Clock, 'sleep'>;
  readonly leaving: AbortSignal;
  readonly tokens: TokenWatch;
  readonly watch: EndWatch;
}

/** Makes the place where requests wait for ends. */
export function createEndWaits(deps: WaitDependencies): EndWaits {
  const enter = createPlaces();
  const untilEnd = async (execution: ExecutionId, { hash, seconds, gone }: WaitRequest): Promise<void> => {
    const [ending, done] = [new AbortController(), new AbortController()];
    deps.tokens.watch(hash, ending);
    const { signal: ended } = deps.watch.watch(execution, done.signal);
    await deps.clock.sleep(seconds * 1000, AbortSignal.any([gone, deps.leaving, ending.signal, ended]));
    done.abort();
    ending.abort();
  };
  /* The token is asked about while the answer is read: nobody waits for one after the other. */
  const readFor = async <T>(hash: string, read: () => Promise<T>): Promise<T> => {
    const answer = read();
    answer.catch(() => {}); /* whoever may have the answer gets the error */
    if (await deps.tokens.isOver(hash)) throw invalidToken();
    return await answer;
  };
  return {
    hear: (messages) => {
      if (messages.some(({ routingKey }) => routingKey === ENDED)) deps.watch.notify();
    },
    enter: (request) =>
      request.seconds === 0
        ? { untilEnd: (_, read) => read(), [Symbol.dispose]: () => {} }
        : {
            untilEnd: (execution, read) => untilEnd(execution, request).then(() => readFor(request.hash, read)),
            [Symbol.dispose]: enter(request.hash),
          },
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
