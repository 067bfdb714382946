import { expect, test } from 'bun:test';
import { openMetrics, serveMetrics } from '#cli/wiring/metrics.ts';

const address = { host: '127.0.0.1', port: 0 };

test('a worker serves its metrics and nothing else', async () => {
  const served = serveMetrics(openMetrics(), address);
  if (!served.ok) throw new Error(served.error);
  using server = served.value;
  const answer = await fetch(server.url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  const text = await answer.text();
  expect(text).toMatch(/^attune_build_info\{version="[\d.]+"\} 1$/m);
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
  expect((await fetch(new URL('/', server.url))).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
});

test('a port that somebody else has is said, with the setting', () => {
  const first = serveMetrics(openMetrics(), address);
  if (!first.ok) throw new Error(first.error);
  using server = first.value;
  const port = Number(new URL(server.url).port);
  expect(serveMetrics(openMetrics(), { ...address, port })).toEqual({
    ok: false,
    error: `worker.metrics_port: cannot listen on 127.0.0.1:${port}: somebody else listens there`,
  });
});
