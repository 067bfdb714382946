/** The client before a server that is silent in the middle of a stream, and does not break the connection. */
import { expect, test } from 'bun:test';
import { agentFile } from '#test/support/agent.ts';

const execution = {
  ...{ id: 1, action_ref: 'a.b', status: 'completed', is_adhoc: false, parameters: {}, result: { succeeded: true } },
  ...{ worker: 1, attempt: 1, retry_count: 0, retry_reason: null, original_execution: null, started_at: null },
  ...{ created: '2026-01-01T00:00:00Z', updated: '2026-01-01T00:00:00Z' },
};
const log = (seq: number, text: string): string =>
  `id: 1.${seq}\nevent: log\ndata: ${JSON.stringify({
    ...{ attempt: 1, stream: 'stdout', offset: 0, at: '2026-01-01T00:00:00Z' },
    data: Buffer.from(text).toString('base64'),
  })}\n\n`;

test('a stream that falls silent is left, and goes on where it was on another connection', async () => {
  const lastIds: (string | null)[] = [];
  await using server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      lastIds.push(request.headers.get('last-event-id'));
      const isFirst = lastIds.length === 1;
      const text = isFirst ? log(0, 'one\n') : `${log(1, 'two\n')}event: end\ndata: ${JSON.stringify(execution)}\n\n`;
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from(text));
          if (!isFirst) controller.close();
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  const client = Bun.spawn([agentFile, 'logs', '1', '--follow', '--api-url', server.url.origin], {
    env: { PATH: '/usr/bin:/bin', ATTUNE_API_TOKEN: 'att_x' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, said] = await Promise.all([new Response(client.stdout).text(), new Response(client.stderr).text()]);
  expect([out, said, await client.exited]).toEqual(['one\ntwo\n', expect.stringContaining('completed'), 0]);
  expect(lastIds).toEqual([null, '1.0']);
}, 120_000);
