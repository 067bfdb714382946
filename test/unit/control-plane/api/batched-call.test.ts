import { expect, test } from 'bun:test';
import { createBatchedCall } from '#control-plane/api/batched-call.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** Answers a word with its length, unless one of the batch is refused; what has no letters has no answer. */
function openCall(options: { readonly refuse?: (word: string) => Error | undefined; readonly mostWaiting?: number }) {
  const batches: (readonly string[])[] = [];
  const call = createBatchedCall<string, number>(
    async (words) => {
      batches.push(words);
      const refusal = words.map((word) => options.refuse?.(word)).find((error) => error !== undefined);
      if (refusal) throw refusal;
      return words.map((word) => word.length || undefined);
    },
    { most: 3, mostWaiting: options.mostWaiting ?? 100 },
  );
  return { call, batches };
}

test('callers of one moment share a round trip, and each gets its own answer', async () => {
  const { call, batches } = openCall({});
  expect(await Promise.all(['a', '', 'ccc', 'dddd'].map(call))).toEqual([1, undefined, 3, 4]);
  expect(batches).toEqual([['a', '', 'ccc'], ['dddd']]);
});

test('a question that is refused fails alone: the others of its batch are asked again, one by one', async () => {
  const { call, batches } = openCall({ refuse: (word) => (word === 'bad' ? new Error('refused') : undefined) });
  const [first, bad, last] = await Promise.allSettled(['a', 'bad', 'cc'].map(call));
  expect([first, last].map((one) => one?.status === 'fulfilled' && one.value)).toEqual([1, 2]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'refused' } });
  expect(batches).toEqual([['a', 'bad', 'cc'], ['a'], ['bad'], ['cc']]);
});

test('what was under way when the database went is not asked for twice', async () => {
  const { call, batches } = openCall({ refuse: () => new Unavailable('no database') });
  const ends = await Promise.allSettled(['a', 'bb'].map(call));
  expect(ends.map((one) => one.status === 'rejected' && one.reason)).toEqual([
    expect.any(Unavailable),
    expect.any(Unavailable),
  ]);
  expect(batches).toEqual([['a', 'bb']]);
});

test('beyond the bound a caller is refused at once and asked to try again later', async () => {
  const { call } = openCall({ mostWaiting: 1 });
  const first = call('a');
  await expect(call('bb')).rejects.toThrow(
    new Unavailable('1 requests wait for the database already: try again later'),
  );
  expect(await first).toBe(1);
});
