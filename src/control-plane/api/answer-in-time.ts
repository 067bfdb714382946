import type { Clock } from '#domain/clock.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** A database that has not answered by then does not answer whoever asks for the health or the metrics either. */
const ANSWER_MS = 2000;

/** Waits for an answer, and rejects with Unavailable when none comes in time. */
export async function answerInTime<T>(answer: Promise<T>, { sleep }: Pick<Clock, 'sleep'>, who: string): Promise<T> {
  const answered = new AbortController();
  const silence = async (): Promise<never> => {
    await sleep(ANSWER_MS, answered.signal);
    throw new Unavailable(`${who} has not answered for ${ANSWER_MS / 1000} s`);
  };
  try {
    return await Promise.race([answer, silence()]);
  } finally {
    answered.abort();
  }
}
