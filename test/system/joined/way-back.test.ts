/** The static file and the agent of Attune's Rust control plane take turns as one worker, in either order. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { type Installation, startInstallation } from '#test/support/joined/installation.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { eventually, until } from '#test/support/until.ts';

let installation: Installation;
let theirs: ChannelModel;
let channel: Channel;

beforeAll(async () => {
  installation = await startInstallation();
  await installation.addAction('hello', 'echo hello');
  theirs = await connect(installation.broker.url);
  channel = await theirs.createChannel();
}, 300_000);

afterAll(async () => {
  await theirs.close();
  await installation[Symbol.asyncDispose]();
}, 120_000);

/** Declares and binds the queues of a worker as the agent of Attune does; the broker refuses any other arguments. */
async function declareQueues(worker: number): Promise<void> {
  const dead = { 'x-dead-letter-exchange': 'attune.dlx' };
  const queues = {
    executions: {
      args: { ...dead, 'x-message-ttl': 300_000 },
      exchange: 'executions',
      keys: ['execution.dispatch.worker'],
    },
    cancel: { args: dead, exchange: 'executions', keys: ['execution.cancel.worker'] },
    packs: { args: dead, exchange: 'events', keys: ['pack.registered', 'pack.deleted'] },
  };
  for (const [name, { args, exchange, keys }] of Object.entries(queues)) {
    await channel.assertQueue(`worker.${worker}.${name}`, { durable: true, arguments: args });
    for (const key of keys)
      await channel.bindQueue(
        `worker.${worker}.${name}`,
        `attune.${exchange}`,
        exchange === 'events' ? key : `${key}.${worker}`,
      );
  }
}

/** Registers by name as the agent of Attune does, and beats once. */
async function register(name: string): Promise<number> {
  const [row] = await installation.sql<{ id: string }[]>`
    INSERT INTO worker (name, worker_type, worker_role, status, capabilities, last_heartbeat)
    VALUES (${name}, 'local', 'action', 'active', '{"runtimes": ["shell"]}', now())
    ON CONFLICT (name) DO UPDATE SET status = 'active', last_heartbeat = now() RETURNING id`;
  return Number(row?.id);
}

for (const end of ['SIGTERM', 'SIGKILL'] as const)
  test(`after ${end} the agent of Attune takes the worker over: id, queues and what waits in them`, async () => {
    const name = `turn-${end}`;
    const ours = await installation.startWorker(name);
    await declareQueues(ours.id);
    ours.signal(end);
    await ours.ended;
    expect(await register(name)).toBe(ours.id);
    await declareQueues(ours.id);
    const id = await installation.executor.request('demo.hello');
    await installation.reaches(id, 'scheduled');
    const next = async () => await channel.get(`worker.${ours.id}.executions`, { noAck: true });
    const arrived = await eventually('it is dispatched', next, (one) => one !== false);
    expect(JSON.parse((arrived || undefined)?.content.toString() ?? '')).toMatchObject({
      payload: { execution_id: id },
    });
    await installation.sql`UPDATE execution SET status = 'completed' WHERE id = ${id}`;
    await installation.sql`UPDATE worker SET status = 'inactive' WHERE id = ${ours.id}`;
  });

test('what a draining worker hands back is not in its queue any more: the agent of Attune would run it again', async () => {
  const ours = await installation.startWorker('handing', { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '1' });
  await declareQueues(ours.id);
  await using other = await installation.startWorker('taking', { ATTUNE__WORKER__LABELS: 'other=yes' });
  await installation.addAction('wait', 'sleep 2');
  const ids = await Promise.all(
    Array.from({ length: 9 }, async () => await installation.executor.request('demo.wait')),
  );
  const waiting = async () =>
    await installation.sql`SELECT 1 FROM execution WHERE worker = ${ours.id} AND status = 'scheduled'`;
  await until('some wait for it', async () => (await waiting()).length > 1);
  ours.signal('SIGTERM');
  await ours.ended;
  expect(await channel.checkQueue(`worker.${ours.id}.executions`)).toMatchObject({ messageCount: 0 });
  for (const id of ids) await installation.reaches(id, 'completed');
  const ends = () =>
    installation.executor.heard.filter(
      ({ type, execution }) => type === 'ExecutionCompleted' && ids.includes(execution),
    );
  await until('the end of each is said', () => ends().length >= ids.length);
  expect([new Set(ends().map((one) => one.execution)).size, other.id > 0]).toEqual([ids.length, true]);
});

test('the agent of Attune may take over a worker that still drains, and stays active', async () => {
  const ours = await installation.startWorker('overlap');
  await declareQueues(ours.id);
  await installation.addAction('slow', 'echo begun; sleep 4');
  const running = await installation.executor.request('demo.slow');
  await installation.reaches(running, 'running');
  ours.signal('SIGTERM');
  const statusOf = async () => (await installation.sql`SELECT status FROM worker WHERE id = ${ours.id}`)[0]?.['status'];
  await until('it drains', async () => (await statusOf()) === 'busy');
  expect(await register('overlap')).toBe(ours.id);
  const arrived: string[] = [];
  const { consumerTag } = await channel.consume(
    `worker.${ours.id}.executions`,
    (delivery) => void arrived.push(delivery?.content.toString() ?? ''),
    { noAck: true },
  );
  const next = await installation.executor.request('demo.hello');
  expect(await ours.ended).toBe(0);
  expect([(await installation.row(running)).status, await statusOf()]).toEqual(['completed', 'active']);
  await until('the next is theirs', () => arrived.some((one) => one.includes(`"execution_id":${next}`)));
  expect((await installation.row(next)).status).toBe('scheduled');
  await channel.cancel(consumerTag);
  await installation.sql`UPDATE execution SET status = 'completed' WHERE id = ${next}`;
  await installation.sql`UPDATE worker SET status = 'inactive' WHERE id = ${ours.id}`;
});

test('we take over the id, the queues, and what waits in them from the agent of Attune', async () => {
  const worker = await register('theirs-first');
  await declareQueues(worker);
  const id = await installation.executor.request('demo.hello');
  await installation.reaches(id, 'scheduled');
  await installation.sql`UPDATE worker SET status = 'inactive' WHERE id = ${worker}`;
  await using ours = await installation.startWorker('theirs-first');
  expect(ours.id).toBe(worker);
  await installation.reaches(id, 'completed');
  await declareQueues(worker);
});

test('the queues of an ephemeral worker go with it', async () => {
  const ours = await installation.startWorker('ephemeral', { ATTUNE__WORKER__EPHEMERAL: 'true' });
  ours.signal('SIGTERM');
  expect(await ours.ended).toBe(0);
  for (const queue of ['executions', 'cancel', 'packs'] as const) {
    const probe = await theirs.createChannel();
    probe.on('error', () => {});
    await expect(probe.checkQueue(`worker.${ours.id}.${queue}`)).rejects.toThrow('NOT_FOUND');
  }
});

test('packs come and go while the worker works', async () => {
  await using ours = await installation.startWorker('packs');
  await declareQueues(ours.id);
  const { send } = installation.executor;
  const pack = { pack_id: 2, pack_ref: 'demo' };
  const registered = { ...pack, version: '1.0.0', runtime_names: ['shell'] };
  send('attune.events', 'pack.registered', { type: 'PackRegistered', payload: registered });
  send('attune.events', 'pack.registered', { type: 'PackRegistered', payload: { ...registered, pack_ref: 'nowhere' } });
  send('attune.events', 'pack.deleted', { type: 'PackDeleted', payload: { ...pack, pack_ref: 'nowhere' } });
  const isDone = async (): Promise<boolean> => {
    const { messageCount } = await channel.checkQueue(`worker.${ours.id}.packs`);
    return messageCount === 0;
  };
  await until('it has heard of all', isDone);
  const id = await installation.executor.request('demo.hello');
  await installation.reaches(id, 'completed');
  expect(ours.said()).not.toContain('unexpected');
});
