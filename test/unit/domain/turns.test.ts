import { expect, test } from 'bun:test';
import { limitWorks, shareTurns } from '#domain/turns.ts';

/** Lets works of these sizes begin at the same time, and returns the sizes that begin in each turn of the event loop. */
async function turnsOf(most: number, sizes: readonly number[]): Promise<readonly (readonly number[])[]> {
  const share = shareTurns(most);
  let turn = 0;
  let next = setImmediate(countTurn);
  function countTurn(): void {
    turn++;
    next = setImmediate(countTurn);
  }
  const begun = sizes.map(async (size) => {
    await share(size);
    return { size, turn };
  });
  const works = await Promise.all(begun);
  clearImmediate(next);
  return [...Map.groupBy(works, (one) => one.turn).values()].map((some) => some.map(({ size }) => size));
}

test('works that come at once share a turn as far as they are small, and keep their order', async () => {
  expect(await turnsOf(10, [4, 4, 4, 1, 30, 2, 8, Number.POSITIVE_INFINITY, 0])).toEqual([
    [4, 4],
    [4, 1],
    [30],
    [2, 8],
    [Number.POSITIVE_INFINITY],
    [0],
  ]);
});

test('a later work of a turn that has had enough waits for the next one', async () => {
  const share = shareTurns(10);
  expect(share(30)).toBeUndefined();
  const order: string[] = [];
  const later = share(1)?.then(() => order.push('work'));
  setImmediate(() => order.push('another'));
  await later;
  expect(share(1)).toBeUndefined();
  await new Promise(setImmediate);
  expect(order).toEqual(['work', 'another']);
});

test('so many works run at once; the others wait, in order, also behind one that fails', async () => {
  const limited = limitWorks(2);
  const begun: number[] = [];
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const works = ends.map((end, n) =>
    limited(async () => {
      begun.push(n);
      await end.promise;
      return n;
    }),
  );
  const all = Promise.allSettled(works);
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error('no'));
  await Promise.allSettled([works[1]]);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  for (const end of ends) end.resolve();
  const ended = await all;
  expect(ended.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([0, 'failed', 2, 3]);
  expect(begun).toEqual([0, 1, 2, 3]);
});
