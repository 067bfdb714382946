import type { Clock } from '#domain/clock.ts';

/** A clock that stands still until a test moves it. Its dice always show 0.5. */
export interface FakeClock extends Clock {
  /** Moves the time on, wakes every sleeper at its own moment, and returns when all that could run has run. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock alone on, or back by a negative number of milliseconds. */
  shiftWall(ms: number): void;
  /** Returns when all that can run without time passing has run. */
  settle(): Promise<void>;
  /** Milliseconds until each sleeper wakes, the next one first. */
  sleepers(): readonly number[];
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

const TURNS = 4;

export function createFakeClock(startMs = 0): FakeClock {
  let now = startMs;
  let wallShift = 0;
  const sleepers = new Set<Sleeper>();
  const inOrder = (): readonly Sleeper[] => [...sleepers].sort((a, b) => a.at - b.at);
  /* Promises that follow from one another are all settled before the next turn of the event loop; work that lets others have
   * their turn, as it does on a loaded machine, goes on in one of the next ones. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
  };
  return {
    now: () => now + wallShift,
    monotonic: () => now,
    shiftWall: (ms) => {
      wallShift += ms;
    },
    random: () => 0.5,
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { at: now + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      sleepers.delete(sleeper);
    },
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (let next = inOrder()[0]; next !== undefined && next.at <= end; next = inOrder()[0]) {
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = end;
    },
    settle,
    sleepers: () => inOrder().map((one) => one.at - now),
  };
}
