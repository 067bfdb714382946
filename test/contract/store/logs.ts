import { expect } from 'bun:test';
import type { LogChunk } from '#domain/log.ts';
import { join, type StoreContract, start } from './fixtures.ts';

/** What every store promises about chunks of logs. */
export function logsContract({ test, open }: StoreContract): void {
  test('logs are kept byte for byte, in order, once, and read from any place', async () => {
    await using store = await open();
    const session = await join(store);
    const { execution } = await start(store, session);
    const now = Date.now();
    const all = new Uint8Array(256).map((_, n) => n);
    const chunk = (seq: number, stream: LogChunk['stream'], data: Uint8Array): LogChunk => ({
      execution,
      attempt: 1,
      stream,
      seq,
      offset: seq === 2 ? all.length : 0,
      data,
      at: now + seq,
    });
    const chunks = [
      chunk(0, 'stdout', all),
      chunk(1, 'stderr', Buffer.from('oops\n')),
      chunk(2, 'stdout', new Uint8Array()),
    ];
    await store.appendLogs(chunks.slice(0, 2));
    await store.appendLogs(chunks);
    const read = await store.readLogs(execution, { attempt: 0, seq: -1 }, 10);
    const timeless = ({ data, at, ...rest }: LogChunk): object => ({ ...rest, data: [...data] });
    expect(read.map(timeless)).toEqual(chunks.map(timeless));
    for (const { at } of read) expect(Math.abs(at - now)).toBeLessThan(600_000);
    expect((await store.readLogs(execution, { attempt: 1, seq: 0 }, 1)).map((one) => one.seq)).toEqual([1]);
    expect(await store.readLogs(execution, { attempt: 1, seq: 2 }, 10)).toEqual([]);
  });
}
