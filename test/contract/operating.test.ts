/** What an operator sees of a server: its metrics, its log of requests, and that it leaves. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { serveApi } from '#control-plane/api/api.ts';
import { createToken } from '#control-plane/api/auth.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { Scope } from '#domain/admin-store.ts';
import { addExecutionMetrics } from '#metrics/execution-metrics.ts';
import { addProcessMetrics } from '#metrics/process-metrics.ts';
import { addSchedulingMetrics } from '#metrics/scheduling-metrics.ts';
import { apiOn } from '#test/support/api-in-process.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const resources = new AsyncDisposableStack();
const logged: Readonly<Record<string, unknown>>[] = [];
const leaving = new AbortController();
const tokens: Partial<Record<Scope, string>> = {};
let url = '';

beforeAll(async () => {
  const directory = resources.use(temporaryDirectory());
  const ciphers = createCiphers('5e'.repeat(32));
  const store = resources.use(openSqliteStore(join(directory.path, 'attune.db'), Date.now, ciphers));
  const relay = { publish: () => {}, sweep: async () => {}, idle: async () => {} };
  const deps = apiOn({ store, relay, directory: directory.path, resources });
  addProcessMetrics(deps.ownMetrics, '1.2.3');
  const attempts = addExecutionMetrics(deps.ownMetrics);
  const scheduling = addSchedulingMetrics(deps.ownMetrics);
  for (let n = 0; n < 70; n++)
    attempts.ended({ status: 'failed', runtime: `runtime-${n}`, preparedMs: 200, ranMs: 1500 });
  for (const _ of ['one', 'two', 'three']) attempts.claimed();
  attempts.ended({ status: 'completed', runtime: 'runtime-0', preparedMs: undefined, ranMs: undefined });
  attempts.ended({ status: undefined, runtime: 'runtime-0', preparedMs: 7000, ranMs: 100 });
  scheduling.scheduled(2000);
  scheduling.databaseBack();
  const logger = {
    ...loggerOf(() => {}),
    debug: (event: string, details: object) => logged.push({ event, ...details }),
  };
  url = resources.use(serveApi({ ...deps, logger, leaving: leaving.signal }, { host: '127.0.0.1', port: 0 })).url;
  for (const scope of ['metrics', 'read', 'submit', 'worker'] as const) {
    const { secret, token } = createToken(`${scope}-token`, [scope]);
    await store.saveToken(token);
    tokens[scope] = secret;
  }
});

afterAll(async () => await resources.disposeAsync());

const get = (path: string, scope: Scope, init?: RequestInit): Promise<Response> =>
  fetch(url + path, withToken(tokens[scope], init));
const metrics = async (): Promise<string> => await (await get('/metrics', 'metrics')).text();

test('a token with the scope metrics reads the metrics and nothing else; one without it or read does not', async () => {
  const statuses = async (scope: Scope): Promise<readonly number[]> =>
    await Promise.all(
      ['/metrics', '/api/v1/executions', '/api/v1/workers', '/api/v1/packs', '/api/v1/keys', '/api/v1/audit'].map(
        async (path) => (await get(path, scope)).status,
      ),
    );
  expect(await statuses('metrics')).toEqual([200, 403, 403, 403, 403, 403]);
  expect(await statuses('read')).toEqual([200, 200, 200, 200, 403, 403]);
  expect((await statuses('submit'))[0]).toBe(403);
  expect((await statuses('worker'))[0]).toBe(403);
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
});

test('requests are counted by the pattern of their route: ids, names and inventions add no series', async () => {
  for (let n = 1; n <= 30; n++) {
    await get(`/api/v1/executions/${n}`, 'read');
    await get(`/nothing-${n}/here`, 'read');
    await fetch(`${url}/api/v1/workers/name-${n}`);
  }
  const text = await metrics();
  const counts = [...text.matchAll(/^attune_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)];
  const of = (labels: string): number => Number(counts.find(([, found]) => found === labels)?.[2]);
  expect(of('method="GET",route="/api/v1/executions/:id"')).toBe(30);
  expect(of('method="GET",route="none"')).toBeGreaterThanOrEqual(30);
  expect(counts.length).toBeLessThan(20);
  expect(text).not.toMatch(/nothing-|name-1/);
});

test('every metric has a kind that fits its name, a help, and labels of few values', async () => {
  const text = await metrics();
  const kinds = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => [name, kind]));
  const helps = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name = '']) => name);
  expect(helps.toSorted()).toEqual([...kinds.keys()].toSorted());
  for (const [name, kind] of kinds) expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
  expect(text).not.toContain('quantile=');
  expect(text).toContain('attune_build_info{version="1.2.3"} 1');
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m);
  expect(text).toMatch(/^attune_database_reconnects_total 1$/m);
  expect(text).toMatch(/^attune_broker_reconnects_total 0$/m);
  expect(text).toMatch(/^attune_oldest_waiting_seconds 0$/m);
  expect(text).toMatch(/^attune_executions_ended_total\{status="completed"\} 0$/m);
});

test('attempts are counted by status and runtime, of which there are not many, and waits by how long', async () => {
  const text = await metrics();
  expect(text).toMatch(/^attune_claims_total 3$/m);
  expect(text).toContain('attune_executions_finished_total{status="completed",runtime="runtime-0"} 1');
  expect(text).toContain('attune_executions_finished_total{status="failed",runtime="other"} 20');
  expect([...text.matchAll(/^attune_executions_finished_total\{/gm)].length).toBe(52);
  expect(text).toContain('attune_run_duration_seconds_count{runtime="runtime-0"} 2');
  expect(text).toContain('attune_environment_seconds_bucket{le="5",runtime="runtime-0"} 1');
  expect(text).toContain('attune_environment_seconds_count{runtime="runtime-0"} 2');
  expect(text).toContain('attune_queue_wait_seconds_bucket{le="5"} 1');
  expect(text).toContain('attune_queue_wait_seconds_bucket{le="1"} 0');
});

test('each request is logged with what came of it, and without query, headers and tokens', async () => {
  logged.splice(0);
  const secret = tokens.read ?? '';
  await get(`/api/v1/executions/7?token=${secret}`, 'read', { headers: { 'x-request-id': 'asked-by-me' } });
  await get(`/api/v1/${secret}`, 'read');
  await fetch(`${url}/api/v1/executions`, { headers: { authorization: `Bearer ${secret}x` } });
  const request = { event: 'request', method: 'GET', address: '127.0.0.1', duration_ms: expect.any(Number) };
  expect(logged as readonly object[]).toEqual([
    { ...request, path: '/api/v1/executions/7', status: 400, request_id: 'asked-by-me', token: 'read-token' },
    { ...request, path: '/api/v1/att_***', status: 404, request_id: expect.any(String), token: 'read-token' },
    { ...request, path: '/api/v1/executions', status: 401, request_id: expect.any(String), token: undefined },
  ]);
  expect(JSON.stringify(logged)).not.toContain(secret.slice(4, 20));
});

test('a server that was told to stop is alive and not ready, and still answers', async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  leaving.abort();
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'unavailable', words: ['draining'] }]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await get('/api/v1/executions', 'read')).status).toBe(200);
  expect(await metrics()).toContain('attune_trouble{trouble="draining"} 1');
});
