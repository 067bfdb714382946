import { expect, test } from 'bun:test';
import { openRemoteBroker } from '#adapters/remote/broker.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { workerId } from '#domain/ids.ts';
import type { IncomingMessage } from '#domain/messages.ts';
import { workerQueue } from '#domain/worker-queues.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { newerServer } from '#test/support/newer-server.ts';
import { until } from '#test/support/until.ts';

test('a message that cannot be read is left out and told; the next one arrives', async () => {
  const events = ['{"kind":"dance"}', 'no JSON', '{"kind":"cancel","execution":"7"}'];
  await using server = newerServer(events.map((data) => `event: message\ndata: ${data}\n\n`).join(''));
  const problems: string[] = [];
  const messages: IncomingMessage[] = [];
  await using broker = openRemoteBroker({
    address: { url: server.url, token: 'att_x' },
    clock,
    onChange: () => {},
    onUnreadable: (problem) => void problems.push(problem),
  });
  const onMessage = ({ message }: { readonly message: IncomingMessage }): void => void messages.push(message);
  await using _ = broker.consume(workerQueue(workerId(1)), { prefetch: 1, onMessage });
  await until('a message has arrived', () => messages.length > 0);
  expect(messages[0]).toEqual({ kind: 'cancel', execution: '7' } as IncomingMessage);
  expect(problems.slice(0, 2)).toEqual([
    expect.stringMatching(/worker\.1\.executions: .*kind: .*version 9\.0\.0/),
    expect.stringMatching(/answer: .*version 9\.0\.0/),
  ]);
});

test('a server that says nothing any more, not even that it is alive, is left for a new connection', async () => {
  let connections = 0;
  const signOfLife = (): ReadableStream =>
    new ReadableStream({ start: (it) => it.enqueue(Buffer.from(': alive\n\n')) });
  const headers = { 'content-type': 'text/event-stream' };
  await using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: () => {
      connections++;
      return new Response(signOfLife(), { headers });
    },
  });
  const problems: (string | undefined)[] = [];
  const clock = createFakeClock();
  await using broker = openRemoteBroker({
    address: { url: server.url.origin, token: 'att_x' },
    clock,
    onChange: (problem) => problems.push(problem),
    onUnreadable: () => {},
  });
  await using _ = broker.consume(workerQueue(workerId(1)), { prefetch: 1, onMessage: () => {} });
  await until('the connection is silent', () => problems.length === 1);
  await clock.advance(14_000);
  expect(connections).toBe(1);
  await clock.advance(1000);
  await until('the silence is noticed', () => problems.length === 2);
  await clock.advance(100);
  await until('it connects again', () => problems.length === 3);
  expect(connections).toBe(2);
  expect(problems).toEqual([undefined, `server ${server.url.origin}: it was silent for 15 s`, undefined]);
});
