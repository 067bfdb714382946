import { expect, test } from 'bun:test';
import { createUnfinishedQuota } from '#control-plane/api/unfinished-quota.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** A quota on a store in which each place that was taken is an execution at once, and how often it was counted. */
function quotaOf(most: number) {
  const clock = createFakeClock(0);
  const stored = new Map<string, number>();
  let counts = 0;
  const store = {
    countUnfinished: async (requester: string) => {
      counts++;
      return Math.min(stored.get(requester) ?? 0, most);
    },
  };
  const add = (requester: string, more: number): void =>
    void stored.set(requester, (stored.get(requester) ?? 0) + more);
  const quota = createUnfinishedQuota({ store, clock }, most);
  const request = async (requester: string): Promise<boolean> => {
    using place = await quota.take(requester);
    if (place) add(requester, 1);
    return place !== undefined;
  };
  return { clock, quota, request, add, counts: () => counts };
}

test('a requester gets as many places as there are, and counts are few', async () => {
  const { request, counts } = quotaOf(1000);
  const made: boolean[] = [];
  for (let n = 0; n < 1100; n++) made.push(await request('a'));
  expect(made.filter(Boolean)).toHaveLength(1000);
  expect(made.slice(1000)).not.toContain(true);
  expect(counts()).toBeLessThan(15);
  expect(await request('b')).toBe(true);
});

test('requests that come at once share their places, and wait for a count until all that have one are stored', async () => {
  const { quota, request, add } = quotaOf(10);
  const first = await quota.take('a');
  const made: boolean[] = [];
  const others = Array.from({ length: 30 }, async () => made.push(await request('a')));
  add('a', 1);
  first?.[Symbol.dispose]();
  await Promise.all(others);
  expect([made.length, made.filter(Boolean).length]).toEqual([30, 9]);
});

test('there are places again once something has ended, and a full requester is counted once in a second', async () => {
  const { clock, request, add, counts } = quotaOf(2);
  for (const expected of [true, true, false, false]) expect(await request('a')).toBe(expected);
  const before = counts();
  add('a', -1);
  expect([await request('a'), counts()]).toEqual([false, before]);
  await clock.advance(1000);
  expect([await request('a'), await request('a')]).toEqual([true, false]);
});

test('0 sets no limit and counts nothing', async () => {
  const { request, counts } = quotaOf(0);
  expect([await request('a'), await request('a'), counts()]).toEqual([true, true, 0]);
});
