import type { Clock } from '#domain/clock.ts';
import { isFinal } from '#domain/execution-status.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import { invalidToken, Problem } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';
import { ENDED, type EndWatch } from './watch-ends.ts';

/** Requests of one token that wait for the end of an execution, and of all tokens. */
const MOST_OF_TOKEN = 300;
const MOST = 2000;
/** After a message that was wrong: whoever may send messages cannot make a server read all the time. */
const WRONG_PAUSE_MS = 100;

/** The requests that wait at this server for the end of an execution. */
export interface EndWaits {
  /** Takes a place among those that wait. Throws a problem when too many do. */
  enter(request: WaitRequest): WaitingPlace;
  /** Hears of messages of this process; those of others come by the broker. */
  hear(messages: readonly Pick<OutgoingMessage, 'routingKey' | 'payload'>[]): void;
}

interface WaitingPlace extends Disposable {
  /**
   * Resolves with what is read then, when the execution has ended, after the seconds of the place, when the client has gone, or when the server
   * leaves. Throws a problem when the token of the request is no longer valid, at the latest some seconds later. `isNew`:
   * this process has just requested the execution, and there is nothing to read before somebody says that it has ended.
   */
  untilEnd<T extends Readable>(
    execution: ExecutionId,
    read: () => Promise<T>,
    about?: { readonly isNew: boolean },
  ): Promise<T>;
}

/** An execution as it is read. */
interface Readable {
  readonly status: string;
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
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  readonly leaving: AbortSignal;
  readonly tokens: TokenWatch;
  readonly watch: EndWatch;
}

/** Makes the place where requests wait for ends. */
export function createEndWaits(deps: WaitDependencies): EndWaits {
  const enter = createPlaces();
  const { clock, watch } = deps;
  /* The token is asked about while the answer is read: nobody waits for one after the other. */
  const readFor = async <T>(hash: string, read: () => Promise<T>): Promise<T> => {
    const answer = read();
    answer.catch(() => {}); /* whoever may have the answer gets the error */
    if (await deps.tokens.isOver(hash)) throw invalidToken();
    return await answer;
  };
  const untilEnd = async <T extends Readable>(
    execution: ExecutionId,
    read: () => Promise<T>,
    { seconds, over, isNew }: { readonly seconds: number; readonly over: AbortSignal; readonly isNew: boolean },
  ): Promise<T> => {
    const deadline = clock.monotonic() + seconds * 1000;
    const leftMs = (): number => deadline - clock.monotonic();
    const isOver = ({ status }: Readable): boolean => isFinal(status) || over.aborted || leftMs() <= 0;
    for (let [mustRead, pauseMs] = [!isNew, 0]; ; [mustRead, pauseMs] = [true, WRONG_PAUSE_MS]) {
      const done = new AbortController();
      const { signal: ended } = watch.watch(execution, done.signal);
      try {
        const view = mustRead ? await read() : undefined;
        if (view && isOver(view)) return view;
        await clock.sleep(Math.min(leftMs(), pauseMs), over);
        await clock.sleep(leftMs(), AbortSignal.any([over, ended]));
      } finally {
        done.abort();
      }
    }
  };
  const waitFor = async <T extends Readable>(
    execution: ExecutionId,
    read: () => Promise<T>,
    { hash, seconds, gone, isNew }: WaitRequest & { readonly isNew: boolean },
  ): Promise<T> => {
    const ending = new AbortController();
    deps.tokens.watch(hash, ending);
    const over = AbortSignal.any([gone, deps.leaving, ending.signal]);
    try {
      return await untilEnd(execution, () => readFor(hash, read), { seconds, over, isNew });
    } finally {
      ending.abort();
    }
  };
  return {
    hear: (messages) => {
      const ended = messages.filter(({ routingKey }) => routingKey === ENDED);
      if (ended.length > 0) watch.notify(ended.flatMap(executionsOf));
    },
    enter: (request) =>
      request.seconds === 0
        ? { untilEnd: (_, read) => read(), [Symbol.dispose]: () => {} }
        : {
            untilEnd: (execution, read, { isNew } = { isNew: false }) =>
              waitFor(execution, read, { ...request, isNew }),
            [Symbol.dispose]: enter(request.hash),
          },
  };
}

/** The executions that a message of this process names as ended. */
function executionsOf({ payload }: Pick<OutgoingMessage, 'payload'>): readonly ExecutionId[] {
  const { execution_id: first, others } = payload;
  return [first, ...(Array.isArray(others) ? others : [])].map((one) => executionId(Number(one)));
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
