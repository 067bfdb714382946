/** Several servers on one PostgreSQL and one RabbitMQ: any of them answers anything. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { freePort } from '#test/support/free-port.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { withToken } from '#test/support/standalone.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;
let server: AgentProcess;
let other: string;

const actions = {
  slow: { script: 'i=0; while [ $i -lt 20 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done' },
  quick: { script: 'echo done' },
};

beforeAll(async () => {
  cluster = await startCluster({ actions });
  server = cluster.startServer();
  await cluster.answers();
  const port = freePort();
  other = `http://127.0.0.1:${port}`;
  cluster.startServer({ ATTUNE__SERVER__PORT: String(port) });
  await until(
    'the other server answers',
    () =>
      fetch(`${other}/healthz`).then(
        (one) => one.ok,
        () => false,
      ),
    30_000,
  );
}, 300_000);

afterAll(async () => await cluster[Symbol.asyncDispose](), 60_000);

const atOther = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${other}/api/v1/${path}`, withToken(cluster.token, init));

test('what one server was asked for the other shows, follows and cancels; a key is once for both', async () => {
  cluster.startWorker('w-several');
  const body = JSON.stringify({ action_ref: 'life.slow' });
  const init = { method: 'POST', body, headers: { 'idempotency-key': 'both' } };
  const answers = await Promise.all([cluster.api('executions', init), atOther('executions', init)]);
  const ids = await Promise.all(answers.map(async (one) => ((await one.json()) as { id: number }).id));
  expect([new Set(ids).size, answers.map((one) => one.status).toSorted()]).toEqual([1, [200, 201]]);
  const [id = 0] = ids;
  const streams = await Promise.all(
    [cluster.api, atOther].map(async (ask) => await (await ask(`executions/${id}/logs/stream`)).text()),
  );
  const logOf = (text: string): string =>
    [...text.matchAll(/^event: log\ndata: (.*)$/gm)]
      .map(([, data = '{}']) => Buffer.from((JSON.parse(data) as { data: string }).data, 'base64').toString())
      .join('');
  const expected = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('');
  expect(streams.map(logOf)).toEqual([expected, expected]);
  const next = await cluster.submit('slow');
  expect((await atOther(`executions/${next}/cancel`, { method: 'POST' })).status).toBe(202);
  await cluster.reaches(next, 'cancelled');
});

test('a reader whose server is killed goes on at the next one behind what it has', async () => {
  const id = await cluster.submit('slow');
  await cluster.reaches(id, 'running');
  const follower = Bun.spawn([agentFile, 'logs', '-f', String(id), '--api-url', cluster.url], {
    env: { ATTUNE_API_TOKEN: cluster.token },
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const reader = follower.stdout.getReader();
  let said = '';
  const hear = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    said += new TextDecoder().decode(value);
    return done;
  };
  while (!said.includes('line 3')) if (await hear()) throw new Error(`the reader ended early, after: ${said}`);
  server.signal('SIGKILL');
  await server.ended;
  server = cluster.startServer();
  while (!(await hear()));
  expect([await follower.exited, said]).toEqual([0, Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('')]);
});

test('a schedule requests one execution for each of its times, by several servers of which one is killed now and then', async () => {
  const times = 8;
  const { sql } = cluster;
  const body = JSON.stringify({ action_ref: 'life.quick', cron: '0 0 1 1 *', time_zone: 'Europe/Berlin' });
  const made = (await (await cluster.api('schedules', { method: 'POST', body })).json()) as { id: number };
  const rows = async () =>
    await sql<{ id: string }[]>`SELECT id FROM execution WHERE requested_by = ${`schedule ${made.id}`}`;
  for (let n = 1; n <= times; n++) {
    await until('it has a next time', async () => {
      const [row] = await sql`SELECT id FROM schedule WHERE id = ${made.id} AND next_at > now()`;
      return row !== undefined;
    });
    expect(await rows()).toHaveLength(n - 1);
    await sql`UPDATE schedule SET next_at = date_trunc('minute', now()) - ${n} * interval '1 minute' WHERE id = ${made.id}`;
    if (n % 3 === 0) {
      server.signal('SIGKILL');
      await server.ended;
      server = cluster.startServer();
    }
  }
  await until('the last one was requested', async () => (await rows()).length >= times);
  const all = await rows();
  expect(all).toHaveLength(times);
  for (const { id } of all) await cluster.reaches(Number(id), 'completed');
  const paused = await (await atOther(`schedules/${made.id}/pause`, { method: 'POST' })).json();
  expect(paused).toMatchObject({ paused: true, next_times: [], last_execution: expect.any(Number), problem: null });
  expect((await atOther(`schedules/${made.id}`, { method: 'DELETE' })).status).toBe(204);
});

test('a server that others could reach is not started without tokens', async () => {
  const url = await cluster.database.createDatabase();
  const env = {
    ...cluster.env,
    ATTUNE__DATABASE__URL: url,
    ATTUNE__SERVER__HOST: '0.0.0.0',
    ATTUNE__SERVER__PORT: '0',
  };
  const migrated = callAgent(['migrate'], { env });
  const [, id = ''] = /^(\d+)/m.exec(callAgent(['token', 'list'], { env }).stdout) ?? [];
  expect([migrated.exitCode, id]).toEqual([0, '1']);
  expect(callAgent(['token', 'revoke', id], { env }).exitCode).toBe(0);
  expect(callAgent(['server'], { env })).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining('there is no token'),
  });
});

test('while the database is away readiness says so, and requests are told when to come again', async () => {
  const { power } = cluster.database;
  if (!power) throw new Error('this test stops the database: it needs one of its own');
  await power.kill();
  const ready = await fetch(`${other}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'unavailable' }]);
  const refused = await atOther('executions');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toMatchObject({ code: 'database-unavailable' });
  await power.start();
  await until('it is ready again', async () => (await fetch(`${other}/readyz`)).ok);
});
