/** The tracer against a receiver that reads what it is sent as the protocol says; a collector is in system/server/traces. */
import { afterAll, expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import { openOtlpTracer } from '#adapters/tracing/otlp.ts';
import { readTraceparent } from '#domain/tracing.ts';
import { until } from '#test/support/until.ts';

const resources = new AsyncDisposableStack();
afterAll(async () => await resources.disposeAsync());

const service = { name: 'attune-test', version: '1.2.3', instance: 'one', sampleRatio: 1 };
const TRACE = 'a'.repeat(32);
const parent = `00-${TRACE}-${'b'.repeat(16)}-01`;

/** A receiver that answers with a status, and what it was sent. */
function openReceiver(status: () => number) {
  const bodies: string[] = [];
  const headers: Headers[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const body = Buffer.from(await request.arrayBuffer());
      headers.push(request.headers);
      bodies.push((request.headers.get('content-encoding') === 'gzip' ? gunzipSync(body) : body).toString('latin1'));
      return new Response(null, { status: status() });
    },
  });
  resources.defer(() => server.stop(true));
  return { url: new URL('/v1/traces', server.url).href, bodies, headers };
}

function counting() {
  const counts = { exported: 0, dropped: 0 };
  const observer = {
    exported: (n: number): void => {
      counts.exported += n;
    },
    dropped: (n: number): void => {
      counts.dropped += n;
    },
  };
  return { counts, observer };
}

test('spans go on with a trace, or begin one, and reach the collector with names, headers and service', async () => {
  const { url, bodies, headers } = openReceiver(() => 200);
  const { counts, observer } = counting();
  await using tracer = openOtlpTracer({ url, headers: { 'x-key': 'of-mine' } }, service, observer);
  const whole = tracer.begin('whole', { parent, kind: 'server', attributes: { 'attune.action': 'demo.act' } });
  const inner = tracer.begin('inner', { parent: whole.traceparent, sinceMs: 5 });
  inner.end({ error: 'failed' });
  whole.end();
  const other = tracer.begin('other', { parent: 'nonsense' });
  other.end();
  expect(readTraceparent(inner.traceparent)?.trace).toBe(TRACE);
  expect(readTraceparent(inner.traceparent)?.span).not.toBe(readTraceparent(whole.traceparent)?.span);
  expect(readTraceparent(other.traceparent)?.trace).not.toBe(TRACE);
  await until('the spans have been taken', () => counts.exported === 3, 60_000);
  const sent = bodies.join('');
  for (const text of ['whole', 'inner', 'other', 'demo.act', 'attune-test', '1.2.3', 'failed'])
    expect(sent).toContain(text);
  expect(sent).toContain(Buffer.from(TRACE, 'hex').toString('latin1'));
  expect(headers[0]?.get('x-key')).toBe('of-mine');
  expect(headers[0]?.get('content-type')).toBe('application/x-protobuf');
  expect(counts.dropped).toBe(0);
});

test('of a trace that its client does not keep nothing is sent, and its id is handed on', async () => {
  const { url, bodies } = openReceiver(() => 200);
  const { counts, observer } = counting();
  const tracer = openOtlpTracer({ url, headers: {} }, service, observer);
  const span = tracer.begin('unkept', { parent: parent.replace(/01$/, '00') });
  expect(span.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  span.end();
  await tracer[Symbol.asyncDispose]();
  expect([counts, bodies]).toEqual([{ exported: 0, dropped: 0 }, []]);
});

test('what a collector that is away does not take is dropped and counted, beyond a bound at once', async () => {
  const { counts, observer } = counting();
  const tracer = openOtlpTracer({ url: 'http://127.0.0.1:1/v1/traces', headers: {} }, service, observer);
  for (let n = 0; n < 5000; n++) tracer.begin('lost', {}).end();
  expect(counts.dropped).toBe(5000 - 4096);
  await tracer[Symbol.asyncDispose]();
  expect(counts.exported).toBe(0);
});

test('what a collector refuses is dropped and counted', async () => {
  const { url } = openReceiver(() => 400);
  const { counts, observer } = counting();
  await using tracer = openOtlpTracer({ url, headers: {} }, service, observer);
  for (let n = 0; n < 10; n++) tracer.begin('refused', {}).end();
  await until('they have been dropped', () => counts.dropped === 10, 60_000);
});
