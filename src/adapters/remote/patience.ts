import type { Clock } from '#domain/clock.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

type Timer = Pick<Clock, 'monotonic' | 'sleep'>;

/** A stream that is silent for longer is given up: a server that works on it says something every five seconds. */
export const SILENCE_MS = 15_000;

/**
 * Passes on the bytes that a server sends in answer to a question, and fails when it is silent for too long while
 * somebody waits for more. `ask` gets the signal that then ends the answer.
 */
export async function withPatience(
  ask: (silence: AbortSignal) => Promise<Response>,
  clock: Timer,
): Promise<ReadableStream<Uint8Array> | null> {
  const ending = new AbortController();
  const watch = async <T>(work: Promise<T>): Promise<T> => {
    using silence = createWatchdog(clock, SILENCE_MS);
    try {
      return await Promise.race([work, failureOf(silence)]);
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  };
  const { body } = await watch(ask(ending.signal));
  const reader = body?.getReader();
  if (!reader) return null;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { value, done } = await watch(reader.read());
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async (reason) => await reader.cancel(reason),
  });
}

async function failureOf({ signal }: Watchdog): Promise<never> {
  const failed = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => failed.reject(signal.reason), { once: true });
  return await failed.promise;
}
