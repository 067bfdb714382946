import type { Clock } from '#domain/clock.ts';

/**
 * A message in a queue. `death` names the queue that gave up on the message, and the reason, if it is a dead letter.
 */
export interface Letter {
  readonly body: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  /** The time when the message was published, by the monotonic clock. */
  readonly at: number;
  readonly death?: { readonly queue: string; readonly reason: string };
}

/** The letters that wait in one queue, the oldest first. */
export interface Letters {
  add(letter: Letter): void;
  /** Takes letters back that were handed out, in front of those that wait. */
  putBack(handedOut: Iterable<Letter>): void;
  /** Hands out the oldest letter; undefined: none waits. */
  next(): Letter | undefined;
  close(): void;
}

interface LettersDependencies {
  readonly clock: Clock;
  /** Milliseconds that a letter may wait. */
  readonly ttlMs: number | undefined;
  /** Gets each letter that has waited longer than `ttlMs`, also while nobody asks for the next one. */
  onExpired(letter: Letter): void;
}

export function createLetters({ clock, ttlMs = Number.POSITIVE_INFINITY, onExpired }: LettersDependencies): Letters {
  const closing = new AbortController();
  let waiting: Letter[] = [];
  let isWatching = false;
  const dropExpired = (): void => {
    for (let oldest = waiting[0]; oldest && clock.monotonic() - oldest.at >= ttlMs; oldest = waiting[0]) {
      waiting.shift();
      onExpired(oldest);
    }
  };
  const watch = async (): Promise<void> => {
    if (isWatching || ttlMs === Number.POSITIVE_INFINITY) return;
    isWatching = true;
    for (let oldest = waiting[0]; oldest && !closing.signal.aborted; oldest = waiting[0]) {
      await clock.sleep(oldest.at + ttlMs - clock.monotonic(), closing.signal);
      if (!closing.signal.aborted) dropExpired();
    }
    isWatching = false;
  };
  return {
    add: (letter) => {
      waiting.push(letter);
      void watch();
    },
    putBack: (handedOut) => {
      waiting = [...handedOut, ...waiting];
      void watch();
    },
    next: () => {
      dropExpired();
      return waiting.shift();
    },
    close: () => closing.abort(),
  };
}
