/** Traces of executions over a server and a worker, in a real collector, and what both say to Prometheus. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { join } from 'node:path';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { type CollectedSpan, startCollector, whyNoCollector } from '#test/support/collector.ts';
import { freePort } from '#test/support/free-port.ts';
import { findPromtool, whyNoPromtool } from '#test/support/promtool.ts';
import { toolTest } from '#test/support/tool-test.ts';
import { until } from '#test/support/until.ts';

const test = toolTest(whyNoCollector ?? whyNoPromtool);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CLIENT = '00f067aa0ba902b7';
const actions = { trace: { script: 'echo "$TRACEPARENT"' } };
let cluster: Cluster;
let worker: AgentProcess;
let metricsUrl: string;
let collector: Awaited<ReturnType<typeof startCollector>>;

beforeAll(async () => {
  if ((whyNoCollector ?? whyNoPromtool) !== undefined) return;
  cluster = await startCluster({ actions });
  collector = await startCollector(join(cluster.packs.path, 'collector.log'));
  const env = { ATTUNE__TRACING__URL: collector.url };
  cluster.startServer(env);
  await cluster.answers();
  const port = freePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  worker = cluster.startWorker('w-traces', { ...env, ATTUNE__WORKER__METRICS_PORT: String(port) });
}, 300_000);

afterAll(async () => {
  await collector?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
}, 60_000);

async function submit(headers: Readonly<Record<string, string>>): Promise<number> {
  const body = JSON.stringify({ action_ref: 'life.trace' });
  const answer = await cluster.api('executions', { method: 'POST', body, headers });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { readonly id: number }).id;
}

test('a client, the server, the queue, the worker and the program are one trace, which a collector takes', async () => {
  const headers = { traceparent: `00-${TRACE}-${CLIENT}-01`, 'x-request-id': 'asked-by-me' };
  const id = await submit(headers);
  const { result } = await cluster.reaches(id, 'completed');
  const mine = (): readonly CollectedSpan[] => collector.spans().filter((span) => span.trace === TRACE);
  await until('all spans have come', () => mine().length >= 7, 120_000);
  const find = (name: string): CollectedSpan => mine().find((span) => span.name === name) as CollectedSpan;
  const request = find('POST /api/v1/executions');
  const whole = find('execute life.trace');
  expect([request.service, request.parent, request.kind]).toEqual(['attune-server', CLIENT, 'SPAN_KIND_SERVER']);
  expect([whole.service, whole.parent, whole.kind]).toEqual(['attune-worker', request.id, 'SPAN_KIND_CONSUMER']);
  for (const name of ['queue', 'claim', 'environment', 'run', 'store'])
    expect([name, find(name).service, find(name).parent]).toEqual([name, 'attune-worker', whole.id]);
  expect(result?.['stdout']).toBe(`00-${TRACE}-${find('run').id}-01\n`);
  expect(whole.text).toContain(`attune.execution: Str(${id})`);
  for (const event of ['claimed', 'ended'])
    expect(worker.said()).toMatch(new RegExp(`execution ${event} .*execution=${id} .*request_id=asked-by-me`));
}, 200_000);

test('what a server and a worker say to Prometheus is as promtool wants it', async () => {
  const server = await (await cluster.api('../../metrics')).text();
  const ofWorker = await (await fetch(metricsUrl)).text();
  expect(server).toContain('attune_spans_exported_total');
  expect(ofWorker).toMatch(/^attune_environment_seconds_count\{runtime="shell"\} [1-9]/m);
  const promtool = findPromtool();
  for (const text of [server, ofWorker]) {
    const checked = Bun.spawnSync([promtool, 'check', 'metrics'], { stdin: Buffer.from(text) });
    expect(`${checked.stdout}${checked.stderr}`).toBe('');
  }
}, 120_000);

test('a collector that goes away harms nothing: executions go on, and what is lost is counted', async () => {
  await collector[Symbol.asyncDispose]();
  await cluster.reaches(await submit({}), 'completed');
  const isCounted = async (): Promise<boolean> =>
    /^attune_spans_dropped_total [1-9]/m.test(await (await fetch(metricsUrl)).text());
  await until('what the worker could not send is counted', isCounted, 120_000);
  await cluster.reaches(await submit({}), 'completed');
}, 300_000);
