import { minutesOf } from '#domain/activity.ts';
import { HOUR_MS } from '#domain/durations.ts';
import type { Activity } from '#wire/activity.ts';
import type { ApiDependencies } from './dependencies.ts';

/** The executions that one look reads at most. */
const MOST_SAMPLED = 4000;
/** For so long an answer is given again, so that many pages that are open cost as much as one. */
const KEPT_MS = 5000;

/** Reads what happened in the last hour; whoever asks again soon, or meanwhile, gets the same answer. */
export function createActivity({
  store,
  clock,
  settings: { leaseMs },
}: Pick<ApiDependencies, 'store' | 'clock' | 'settings'>): () => Promise<Activity> {
  let last: { readonly at: number; readonly answer: Promise<Activity> } | undefined;
  const read = async (): Promise<Activity> => {
    const sample = await store.readActivity({ windowMs: HOUR_MS, most: MOST_SAMPLED, leaseMs });
    const minutes = minutesOf(sample, HOUR_MS).map(({ at, waitP95, ...counts }) => ({
      at: new Date(at).toISOString(),
      ...counts,
      wait_p95_ms: waitP95 === undefined ? null : Math.round(waitP95),
    }));
    return { minutes, slots: sample.slots, sampled: sample.step };
  };
  return () => {
    const now = clock.monotonic();
    if (last && now - last.at < KEPT_MS) return last.answer;
    const answer = read();
    const kept = { at: now, answer };
    last = kept;
    answer.catch(() => {
      if (last === kept) last = undefined;
    });
    return answer;
  };
}
