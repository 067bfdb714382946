import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { logChunk, type StoreContract, submitOne } from './fixtures.ts';

/** What every store promises about logs as clients read them, and how long they are kept. */
export function logRangesContract({ test, open }: StoreContract): void {
  test('logs: sizes, ranges of whole chunks, and many looked at in one go', async () => {
    await using store = await open();
    const [one, two] = [await submitOne(store), await submitOne(store)];
    const error: LogChunk = { ...logChunk(one, 3, 'err'), stream: 'stderr', offset: 0 };
    await store.appendLogs([logChunk(one, 0, 'abcd'), logChunk(one, 1, 'efgh'), logChunk(one, 2, 'ij'), error]);
    expect(await store.measureLogs(one)).toEqual([
      { attempt: 1, stream: 'stderr', bytes: 3 },
      { attempt: 1, stream: 'stdout', bytes: 10 },
    ]);
    const range = async (from: number, to: number): Promise<string> => {
      const chunks = await store.readLogRange(one, { attempt: 1, stream: 'stdout', from, to }, 100);
      return chunks.map((each) => Buffer.from(each.data)).join('|');
    };
    expect([await range(0, 10), await range(5, 6), await range(4, 9), await range(10, 20)]).toEqual([
      'abcd|efgh|ij',
      'efgh',
      'efgh|ij',
      'ij',
    ]);
    const start = { attempt: 0, seq: -1 };
    const pages = await store.pollLogs(
      [
        { execution: one, attempt: 1, seq: 1 },
        { execution: two, ...start },
        { execution: executionId(9999), ...start },
      ],
      10,
    );
    expect(pages.map((each) => [each.status, each.chunks.map((part) => Buffer.from(part.data).toString())])).toEqual([
      ['requested', ['ij', 'err']],
      ['requested', []],
      [undefined, []],
    ]);
  });

  test('old days of logs are dropped, young ones stay', async () => {
    await using store = await open();
    const execution = await submitOne(store);
    expect(await store.keepLogs(7)).toEqual([]);
    const chunk = { execution, attempt: 1, stream: 'stdout', offset: 0, data: Buffer.from('x') } as const;
    await store.appendLogs([
      { ...chunk, seq: 0, at: Date.now() },
      { ...chunk, seq: 1, at: Date.now() - 30 * 86_400_000 },
    ]);
    await store.keepLogs(7);
    expect((await store.readLogs(execution, { attempt: 0, seq: -1 }, 10)).map((one) => one.seq)).toEqual([0]);
  });
}
