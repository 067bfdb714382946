/** A login of the database that takes every lock it can, in a transaction that it never ends. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import postgres from 'postgres';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;
let good: AgentProcess;
let evil: postgres.Sql;

beforeAll(async () => {
  cluster = await startCluster({ actions: { says: { script: 'echo hello\n' } } });
  cluster.startServer();
  await cluster.answers();
  good = cluster.startWorker('good');
  await until('it is there', () => good.said().includes('broker connected'), 60_000);
  await cluster.sql.unsafe('CREATE ROLE evil_locks LOGIN IN ROLE attune_worker');
  const url = Object.assign(new URL(cluster.env['ATTUNE__DATABASE__URL'] ?? ''), { username: 'evil_locks' });
  evil = postgres(url.href, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } });
}, 120_000);

afterAll(async () => {
  await evil?.end({ timeout: 1 });
  await cluster?.[Symbol.asyncDispose]();
}, 60_000);

test('work goes on, workers live and others join while somebody holds all locks that he can take', async () => {
  const shell = { name: 'shell', path: '/bin/sh', version: null };
  const capabilities = { runtimes: ['shell'], detected_interpreters: [shell, { ...shell, version: '9.9.9' }] };
  const who = (name: string) =>
    JSON.stringify({ name, instance: 'i', workerType: 'container', host: 'h', capabilities });
  const register = (transaction: postgres.TransactionSql, name: string) =>
    transaction`SELECT agent_register(NULL, ${who(name)}::text::jsonb, 60, '') AS answer`;
  await evil
    .begin(async (transaction) => {
      for (const number of [0x7363686564, 0x6c6f6773, 0x617474756e65])
        await transaction`SELECT pg_advisory_lock(${number})`;
      const [refused] = await register(transaction, 'good');
      expect(refused?.['answer']).toHaveProperty('owner');
      await register(transaction, 'evil');
      await transaction`SELECT * FROM agent_heartbeat(NULL, 1, 'i', 60)`;
      const id = await cluster.submit('says');
      expect(await cluster.reaches(id, 'completed', 'failed', 'timeout')).toMatchObject({ status: 'completed' });
      const late = cluster.startWorker('late');
      await until('another joins', () => late.said().includes('registered'), 60_000);
      expect(good.said()).not.toContain('replaced');
      throw new Error('the end of the attack');
    })
    .catch((error: Error) => expect(error.message).toBe('the end of the attack'));
}, 120_000);

test('a worker writes no logs into the far future', async () => {
  const chunk = {
    execution: 1,
    attempt: 1,
    stream: 'stdout',
    seq: 900,
    offset: 0,
    data: 'QQ==',
    at: '2999-01-01T00:00:00Z',
  };
  await cluster.sql`UPDATE worker SET owner = 'login:evil_locks' WHERE name = 'good'`;
  await evil`SELECT agent_append_logs(NULL, ${JSON.stringify([chunk, { ...chunk, seq: -1 }])}::text::json)`;
  const rows = await cluster.sql`
    SELECT seq, at < now() + interval '3 hours' AS is_soon FROM execution_log WHERE execution = 1 AND seq IN (900, -1)`;
  expect([...rows]).toEqual([{ seq: 900, is_soon: true }]);
});
