/** Somebody who may publish whatever he likes to the broker, against a worker and a control plane that listen to it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'amqplib';
import { hasConsumer } from '#test/support/amqp/on-channel.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;
let worker: AgentProcess;
let server: AgentProcess;
let go = '';

beforeAll(async () => {
  cluster = await startCluster({
    actions: {
      waits: {
        yaml: 'env_vars: [GO]\n',
        script: '#!/bin/sh\necho begun >>"$GO.begun"\nuntil [ -e "$GO" ]; do sleep 0.05; done\n',
      },
    },
  });
  go = `${cluster.packs.path}/go`;
  server = cluster.startServer();
  await cluster.answers();
  worker = cluster.startWorker('w1', { ATTUNE__ENVIRONMENTS__PREPARE: 'ahead' });
  await until(
    'the worker consumes its queue',
    async () => await hasConsumer(cluster.broker.url, 'worker.1.executions'),
  );
}, 120_000);

afterAll(async () => await cluster?.[Symbol.asyncDispose](), 60_000);

interface Sent {
  readonly exchange: string;
  readonly key: string;
  readonly body: Buffer;
  readonly properties?: object;
}

async function send(messages: readonly Sent[]): Promise<void> {
  const connection = await connect(cluster.broker.url);
  const channel = await connection.createConfirmChannel();
  for (const { exchange, key, body, properties = {} } of messages) channel.publish(exchange, key, body, properties);
  await channel.waitForConfirms();
  await connection.close();
}

const countLetters = async (): Promise<number> =>
  (await cluster.sql<{ n: number }[]>`SELECT count(*)::int AS n FROM dead_letter`)[0]?.n ?? 0;

/** Sends messages, and after them nonsense by each of the ways: when all of it is kept, all before it was handled. */
async function sendAndWait(messages: readonly Sent[], ways: readonly Pick<Sent, 'exchange' | 'key'>[]): Promise<void> {
  const before = await countLetters();
  await send([...messages, ...ways.map((way) => ({ ...way, body: Buffer.from('the last') }))]);
  await until('the last are kept', async () => (await countLetters()) === before + ways.length);
}

const message = (messageType: string, payload: object): Buffer =>
  Buffer.from(JSON.stringify({ message_id: crypto.randomUUID(), message_type: messageType, version: '1.0', payload }));

/** An execution that runs until it is let go, and how often it has begun. */
async function running(): Promise<number> {
  for (const file of [go, `${go}.begun`]) rmSync(file, { force: true });
  const id = await cluster.submit('life.waits', {}, { env_vars: { GO: go } });
  await cluster.reaches(id, 'running');
  await until('it has begun', () => existsSync(`${go}.begun`));
  return id;
}

const executions = 'attune.executions';

test('what is no message is kept with its reason, and everything goes on', async () => {
  const nonsense: readonly Buffer[] = [
    Buffer.alloc(0),
    Buffer.from([0xff, 0xfe, 0, 0x80]),
    Buffer.from('{"message_type": "ExecutionRequested", "payload": '),
    Buffer.from('['.repeat(200_000)),
    Buffer.from(`{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`),
    Buffer.from('null'),
    Buffer.from('"ExecutionRequested"'),
    Buffer.from('{"message_type": 7, "payload": {}}'),
    Buffer.from(
      '{"__proto__": {"message_type": "ExecutionRequested"}, "constructor": {"prototype": {"polluted": true}}}',
    ),
    Buffer.alloc(5_000_000, 'x'),
    message('ExecutionRequested', { execution_id: -1, worker_id: 1 }),
    message('ExecutionRequested', { execution_id: '1; DROP TABLE execution', worker_id: 1 }),
    message('ExecutionRequested', { execution_id: { $gt: 0 }, worker_id: [1] }),
    message('ExecutionRequested', { execution_id: 1e300, worker_id: 1 }),
    message('ExecutionRequested', { execution_id: 1, worker_id: 1, attempt: 'first' }),
  ];
  const queues = ['worker.1.executions', 'attune.execution.requests.queue', 'attune.execution.completed.queue'];
  const properties = {
    contentEncoding: 'gzip',
    contentType: 'text/html',
    headers: { 'x-death': 'forged', deep: { a: [{}] } },
  };
  await send(queues.flatMap((key) => nonsense.map((body) => ({ exchange: '', key, body, properties }))));
  const letters = async (): Promise<readonly { readonly reason: string; readonly bytes: number }[]> =>
    cluster.sql`SELECT reason, length(body) AS bytes FROM dead_letter ORDER BY id`;
  const wanted = nonsense.length * queues.length;
  await until('all are kept', async () => (await letters()).length >= wanted);
  const kept = await letters();
  expect([kept.length, kept.filter(({ reason }) => reason === '').length]).toEqual([wanted, 0]);
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes).toBe(nonsense.reduce((sum, body) => sum + body.length, 0) * queues.length);
  const id = await running();
  await Bun.write(go, '');
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ status: 'completed', attempt: 1 });
}, 120_000);

test('dispatches of what is not for this worker begin nothing, and of what runs nothing twice', async () => {
  const id = await running();
  const other = await cluster.submit('life.waits', {}, { env_vars: { GO: go }, worker_selector: { zone: 'nowhere' } });
  const dispatches = [id, other, 999_999].flatMap((execution_id) =>
    [undefined, 0, 1, 2, 1000].flatMap((attempt) =>
      [1, 2].map((worker_id) =>
        message('ExecutionRequested', { execution_id, worker_id, attempt, action_ref: 'life.waits', config: {} }),
      ),
    ),
  );
  const key = 'execution.dispatch.worker.1';
  await sendAndWait(
    dispatches.map((body) => ({ exchange: executions, key, body })),
    [{ exchange: executions, key }],
  );
  expect((await cluster.execution(other)).status).toBe('requested');
  await Bun.write(go, '');
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ status: 'completed', attempt: 1 });
  expect(readFileSync(`${go}.begun`, 'utf8')).toBe('begun\n');
  await cluster.api(`executions/${other}/cancel`, { method: 'POST' });
}, 120_000);

test('forged ends, cancels and news of packs change nothing', async () => {
  const id = await running();
  const subject = { execution_id: id, worker_id: 1, action_ref: 'life.waits' };
  const forged: readonly Sent[] = [
    ['execution.cancel.worker.1', message('ExecutionCancelRequested', subject)],
    [
      'execution.completed',
      message('ExecutionCompleted', { ...subject, status: 'Completed', result: { forged: true } }),
    ],
    [
      'execution.status.changed',
      message('ExecutionStatusChanged', { ...subject, previous_status: 'running', new_status: 'failed' }),
    ],
    ['execution.requested', message('ExecutionRequested', { execution_id: id, action_ref: 'life.waits' })],
  ].map(([key, body]) => ({ exchange: executions, key: String(key), body: body as Buffer }));
  const packs = ['../../../etc', '/etc', 'life', 'none', 'life/../life', ' \n'].map((pack_ref) => ({
    ...{ exchange: 'attune.events', key: 'pack.registered' },
    body: message('PackRegistered', { pack_id: 1, pack_ref, version: '1', runtime_names: ['x'] }),
  }));
  await sendAndWait(
    [...forged, ...packs, ...forged],
    [
      ...['execution.cancel.worker.1', 'execution.completed', 'execution.requested'].map((key) => ({
        exchange: executions,
        key,
      })),
      { exchange: 'attune.events', key: 'pack.registered' },
    ],
  );
  expect(await cluster.execution(id)).toMatchObject({ status: 'running', attempt: 1, result: null });
  await Bun.write(go, '');
  expect(await cluster.reaches(id, 'completed', 'failed', 'cancelled')).toMatchObject({
    status: 'completed',
    attempt: 1,
  });
  expect([worker.said(), server.said()].filter((text) => /unexpected error|panic|unhandled/i.test(text))).toEqual([]);
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
}, 120_000);

test('a cancel that was asked for ends it, whatever messages there are', async () => {
  await using another = cluster.startWorker('w2');
  const id = await running();
  await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
  expect(await cluster.reaches(id, 'cancelled')).toMatchObject({ status: 'cancelled' });
  expect(another.said()).not.toContain('unexpected error');
}, 120_000);
