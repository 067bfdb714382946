import { expect, test } from 'bun:test';
import { createWorkerMessages } from '#control-plane/api/worker-messages.ts';
import { workerId } from '#domain/ids.ts';
import type { IncomingMessage } from '#domain/messages.ts';
import { countTurns } from '#test/support/count-turns.ts';

test('a message to all workers leaves others their turns', async () => {
  using turns = countTurns();
  const sent = Promise.withResolvers<(message: IncomingMessage) => void>();
  const messages = createWorkerMessages({
    consume: (_, { onMessage }) => {
      sent.resolve((message) => onMessage({ message, acknowledge: () => {} } as never));
      return { stop: async () => {} } as never;
    },
  });
  const heard = Promise.withResolvers<void>();
  const stop = new AbortController();
  for (let worker = 1; worker <= 3; worker++)
    messages.listen(
      workerId(String(worker)),
      () => {
        turns.note();
        const until = performance.now() + 10;
        while (performance.now() < until);
        if (worker === 3) heard.resolve();
      },
      stop.signal,
    );
  (await sent.promise)({ kind: 'pack-changed' } as never);
  await heard.promise;
  expect(turns.ofTurns()).toEqual([1, 1, 1]);
});
