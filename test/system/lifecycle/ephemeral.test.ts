/** Workers that are named after containers: nothing of them stays, however they end. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { hasConsumer, onChannel } from '#test/support/amqp/on-channel.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ actions: { echo: { script: 'echo done' } } });
  cluster.startServer({ ATTUNE__SCHEDULER__FORGET_WORKERS_AFTER: '2' });
  await cluster.answers();
}, 300_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
}, 120_000);

const ephemeral = { ATTUNE__WORKER__EPHEMERAL: 'true' };
const names = async (): Promise<readonly string[]> => {
  const rows = await cluster.sql<{ name: string }[]>`SELECT name FROM worker ORDER BY name`;
  return rows.map(({ name }) => name);
};

test('rows of ephemeral workers go, drained or killed; others stay, and so does what they ran', async () => {
  await using drained = cluster.startWorker('pod-drained', ephemeral);
  const id = await cluster.submit('life.echo');
  await cluster.reaches(id, 'completed');
  await using killed = cluster.startWorker('pod-killed', ephemeral);
  await using lasting = cluster.startWorker('machine');
  await until('all have come', async () => (await names()).length === 3);
  drained.signal('SIGTERM');
  killed.signal('SIGKILL');
  await Promise.all([drained.ended, killed.ended]);
  await until('they are forgotten', async () => (await names()).length === 1);
  lasting.signal('SIGTERM');
  await lasting.ended;
  expect(await names()).toEqual(['machine']);
  expect(await cluster.execution(id)).toMatchObject({ status: 'completed', worker: null });
});

test('queues of ephemeral workers expire after five minutes without a consumer', async () => {
  await using _worker = cluster.startWorker('pod-queues', ephemeral);
  const queue = async (): Promise<string> => {
    const [row] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = 'pod-queues'`;
    return `worker.${row?.id}.executions`;
  };
  await until('the worker consumes its queue', async () => await hasConsumer(cluster.broker.url, await queue()));
  /* The broker accepts only what the queue was made with. */
  const declare = async (expires: number): Promise<unknown> => {
    const name = await queue();
    return await onChannel(
      cluster.broker.url,
      async (channel) =>
        await channel.assertQueue(name, {
          durable: true,
          arguments: {
            'x-queue-type': 'classic',
            'x-message-ttl': 300_000,
            'x-expires': expires,
          },
        }),
    );
  };
  expect(await declare(300_000)).toMatchObject({ queue: await queue() });
  await expect(declare(1_800_000)).rejects.toThrow('PRECONDITION');
});
