import { giveBack } from '#domain/give-back.ts';
import { startTimer, type Timer } from '#domain/timer.ts';
import type { Output } from './output.ts';

export interface Linger {
  /** Resolves when the leader of the group has ended: from then on the bounds below count. */
  readonly ended: Promise<unknown>;
  /** Time to wait for more, not counting the time that `take` takes. */
  readonly waitMs: number;
  /** What a full pipe and its reader may still hold; more than this comes from somebody who goes on writing. */
  readonly bytes: number;
}

/**
 * Hands every chunk to `take`, waiting for it (back-pressure), until the end of the stream or the bounds of `linger`.
 * `take` must copy what it keeps: the memory of a chunk is given back as soon as it has been taken.
 */
export async function drain(
  output: Output,
  take: (chunk: Uint8Array) => void | Promise<void>,
  linger: Linger,
): Promise<void> {
  let isCut = false;
  let isOver = false;
  let hasEnded = false;
  let bytesLeft = linger.bytes;
  const cut = (): void => {
    isCut = true;
    output.cancel();
  };
  const timer = createPausableTimer(linger.waitMs, cut);
  void linger.ended.then(() => {
    hasEnded = true;
    if (!isOver) timer.resume();
  });
  try {
    while (!isCut) {
      if (hasEnded) timer.resume();
      const value = await output.read();
      timer.pause();
      if (!value) break;
      if (hasEnded) bytesLeft -= value.length;
      if (bytesLeft < 0) cut();
      else await take(value);
      giveBack(value);
    }
  } finally {
    isOver = true;
    timer.pause();
    output.cancel();
  }
}

/** In so many parts a timer waits, so that what comes in is looked for in between. */
const PARTS = 20;

/**
 * A timer that can be paused and has only so many milliseconds in all. They are those in which this process could hear:
 * while the machine lets it wait, or somebody has stopped it, no more than one part of them passes.
 */
function createPausableTimer(budgetMs: number, exhausted: () => void): { resume(): void; pause(): void } {
  const partMs = budgetMs / PARTS;
  let leftMs = budgetMs;
  let running: { readonly timer: Timer; readonly since: number } | undefined;
  const pause = (): void => {
    if (!running) return;
    running.timer.stop();
    leftMs -= Math.min(performance.now() - running.since, partMs);
    running = undefined;
  };
  const resume = (): void => {
    running ??= { timer: startTimer(Math.min(leftMs, partMs), goOn), since: performance.now() };
  };
  const goOn = (): void => {
    pause();
    if (leftMs > 0) resume();
    else exhausted();
  };
  return { resume, pause };
}
