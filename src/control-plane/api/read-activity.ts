import { minutesOf } from '#domain/activity.ts';
import type { Confinement } from '#domain/confinement.ts';
import { HOUR_MS } from '#domain/durations.ts';
import type { Activity } from '#wire/activity.ts';
import type { ApiDependencies } from './dependencies.ts';

/** The executions that one look reads at most. */
const MOST_SAMPLED = 4000;
/** For so long an answer is given again, so that many pages that are open cost as much as one. */
const KEPT_MS = 5000;
/** The answers that are kept: one for whoever is not confined, and one for each confinement. */
const MOST_KEPT = 100;

/** Reads what happened in the last hour; whoever asks again soon, or meanwhile, gets the same answer. */
export function createActivity({
  store,
  clock,
  settings: { leaseMs },
}: Pick<ApiDependencies, 'store' | 'clock' | 'settings'>): (confinedTo: Confinement | undefined) => Promise<Activity> {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<Activity> }>();
  const read = async (confinedTo: Confinement | undefined): Promise<Activity> => {
    const sample = await store.readActivity({ windowMs: HOUR_MS, most: MOST_SAMPLED, leaseMs, confinedTo });
    const minutes = minutesOf(sample, HOUR_MS).map(({ at, waitP95, ...counts }) => ({
      at: new Date(at).toISOString(),
      ...counts,
      wait_p95_ms: waitP95 === undefined ? null : Math.round(waitP95),
    }));
    return { minutes, slots: sample.slots, sampled: sample.step };
  };
  return (confinedTo) => {
    const now = clock.monotonic();
    const asked = JSON.stringify(confinedTo ?? null);
    const last = kept.get(asked);
    if (last && now - last.at < KEPT_MS) return last.answer;
    const answer = read(confinedTo);
    const one = { at: now, answer };
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(asked, one);
    answer.catch(() => {
      if (kept.get(asked) === one) kept.delete(asked);
    });
    return answer;
  };
}
