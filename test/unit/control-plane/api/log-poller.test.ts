import { expect, test } from 'bun:test';
import { createLogPoller } from '#control-plane/api/log-poller.ts';
import type { LogCursor, LogPage } from '#domain/client-store.ts';
import { executionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** A page from any time will do. */
const EARLIER = Number.NEGATIVE_INFINITY;

function cursor(id: number): LogCursor {
  return { execution: executionId(id), attempt: 0, seq: -1 };
}

test('who polls first asks at once, and all who poll within 10 ms from then share one question, 100 at most', async () => {
  const clock = createFakeClock();
  const asked: number[] = [];
  const pollLogs = createLogPoller({
    clock,
    store: {
      pollLogs: async (cursors) => {
        asked.push(cursors.length);
        return cursors.map((): LogPage => ({ status: 'running', chunks: [] }));
      },
    },
  });
  const polls = Array.from({ length: 60 }, (_, id) => pollLogs(cursor(id), EARLIER));
  await clock.settle();
  expect(asked).toEqual([60]);
  polls.push(...Array.from({ length: 80 }, (_, id) => pollLogs(cursor(60 + id), EARLIER)));
  await clock.advance(9);
  polls.push(...Array.from({ length: 40 }, (_, id) => pollLogs(cursor(140 + id), EARLIER)));
  expect(asked).toEqual([60]);
  await clock.advance(1);
  expect(asked).toEqual([60, 100]);
  await clock.advance(10);
  expect(asked).toEqual([60, 100, 20]);
  expect(await Promise.all(polls)).toHaveLength(180);
});

function chunk(seq: number): LogChunk {
  return { execution: executionId(1), attempt: 1, stream: 'stdout', seq, offset: 0, data: Buffer.from('x'), at: 0 };
}

test('a hundred readers of one log cost what one costs, and whoever wants it as it is now gets it', async () => {
  const clock = createFakeClock();
  const log: LogChunk[] = [chunk(0)];
  let questions = 0;
  const pollLogs = createLogPoller({
    clock,
    store: {
      pollLogs: async (cursors) => {
        questions += cursors.length;
        return cursors.map(({ seq }): LogPage => ({ status: 'running', chunks: log.filter((one) => one.seq > seq) }));
      },
    },
  });
  const ask = async (seq: number, since = EARLIER): Promise<number> => {
    const asked = pollLogs({ ...cursor(1), seq }, since);
    await clock.advance(10);
    return (await asked).chunks.length;
  };
  for (let reader = 0; reader < 100; reader++) expect(await ask(-1)).toBe(1);
  expect(questions).toBe(1);
  for (let reader = 0; reader < 8; reader++) expect(await ask(0)).toBe(0);
  expect(questions).toBe(2);
  log.push(chunk(1));
  expect([await ask(0, clock.monotonic()), questions]).toEqual([1, 3]);
  expect([await ask(0), questions]).toEqual([1, 3]);
});

test('large pages are given to readers in turns, so that others have theirs between them', async () => {
  const clock = createFakeClock();
  const large = { ...chunk(0), data: Buffer.alloc(512 * 1024) };
  const pollLogs = createLogPoller({
    clock,
    store: { pollLogs: async (cursors) => cursors.map((): LogPage => ({ status: 'running', chunks: [large] })) },
  });
  let given = 0;
  const read = async (): Promise<void> => {
    await pollLogs(cursor(1), EARLIER);
    given++;
  };
  const all = Promise.all(Array.from({ length: 20 }, read));
  await clock.advance(10);
  await new Promise((resolve) => setImmediate(resolve));
  expect(given).toBeLessThan(20);
  await all;
  expect(given).toBe(20);
});
