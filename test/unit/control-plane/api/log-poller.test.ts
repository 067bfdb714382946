import { expect, test } from 'bun:test';
import { createLogPoller } from '#control-plane/api/log-poller.ts';
import type { LogCursor, LogPage } from '#domain/client-store.ts';
import { executionId } from '#domain/ids.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

function cursor(id: number): LogCursor {
  return { execution: executionId(id), attempt: 0, seq: -1 };
}

test('all who poll within 10 ms share one question, 100 at most', async () => {
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
  const polls = Array.from({ length: 60 }, (_, id) => pollLogs(cursor(id)));
  await clock.advance(9);
  polls.push(...Array.from({ length: 60 }, (_, id) => pollLogs(cursor(60 + id))));
  expect(asked).toEqual([]);
  await clock.advance(1);
  expect(asked).toEqual([100]);
  await clock.advance(10);
  expect(asked).toEqual([100, 20]);
  expect(await Promise.all(polls)).toHaveLength(120);
});
