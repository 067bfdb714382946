import { startTimer } from '#domain/timer.ts';

/** Waits for `work`, and rejects with the complaint when it has not settled after `ms` milliseconds. */
export async function within<T>(ms: number, complaint: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = startTimer(ms, () => late.reject(new Error(`${complaint} within ${ms / 1000} s`)));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.stop();
  }
}

/** Milliseconds for one question to the broker: one that is starting, or whose queue has no leader, may never answer. */
const ANSWER_TIMEOUT_MS = 5000;

/** Waits for the broker's answer to one question, and rejects with the complaint when none comes in time. */
export async function answered<T>(complaint: string, question: Promise<T>): Promise<T> {
  return await within(ANSWER_TIMEOUT_MS, complaint, question);
}
