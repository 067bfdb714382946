import type { Channel } from 'amqplib';

/** Milliseconds between two questions to the broker whether it answers. */
const ASK_MS = 2000;
/** An answer that takes longer is worth a word. */
const LATE_MS = 1500;

export interface Pulse extends Disposable {
  /** Says for how long the broker has not answered; undefined if it answers. */
  silence(): string | undefined;
}

/**
 * Asks a broker again and again whether it answers, over a channel on which nobody consumes. The heartbeats of a
 * connection find out only after some ten seconds, and a broker that is stopped must not pass for health that long.
 */
export function feelPulse(channel: Channel): Pulse {
  let askedAt: number | undefined;
  const ask = async (): Promise<void> => {
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    try {
      await channel.prefetch(1);
    } catch {
      /* the session ends of itself when its channel does */
    } finally {
      askedAt = undefined;
    }
  };
  const asking = setInterval(() => void ask(), ASK_MS).unref();
  return {
    silence: () => {
      const ms = askedAt === undefined ? 0 : performance.now() - askedAt;
      return ms > LATE_MS ? `it has not answered for ${Math.round(ms / 1000)} s` : undefined;
    },
    [Symbol.dispose]: () => clearInterval(asking),
  };
}
