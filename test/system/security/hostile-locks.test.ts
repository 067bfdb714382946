/** A login of the database that takes every lock it can, in a transaction that it never ends. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import postgres from 'postgres';
import { endStale } from '#adapters/store/postgres/queries/end-stale.ts';
import { callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;
let good: AgentProcess;
let evil: postgres.Sql;

beforeAll(async () => {
  cluster = await startCluster({
    actions: {
      says: { script: 'echo hello\n' },
      leaves: { script: 'echo hello >"$ATTUNE_ARTIFACTS_DIR/left"\n' },
    },
  });
  cluster.startServer();
  await cluster.answers();
  good = cluster.startWorker('good', { ATTUNE__ARTIFACTS__DIRECTORY: `${cluster.packs.path}/artifacts` });
  await until('it is there', () => good.said().includes('registered'), 60_000);
  await cluster.sql.unsafe('CREATE ROLE evil_locks LOGIN IN ROLE attune_worker');
  await cluster.sql.unsafe('CREATE ROLE other_locks LOGIN IN ROLE attune_worker');
  evil = openAs('evil_locks');
}, 120_000);

function openAs(username: string): postgres.Sql {
  const url = Object.assign(new URL(cluster.env['ATTUNE__DATABASE__URL'] ?? ''), { username });
  return postgres(url.href, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } });
}

/** Takes locks in a transaction, does something beside it, and rolls back, unless the session is ended before. */
async function holding(
  take: (transaction: postgres.TransactionSql) => Promise<unknown>,
  meanwhile: () => Promise<void>,
): Promise<void> {
  let failure: unknown;
  const attack = evil.begin(async (transaction) => {
    await take(transaction);
    await meanwhile().catch((error: unknown) => {
      failure = error;
    });
    throw new Error('the end of the attack');
  });
  const ended = await attack.catch((error: Error) => error.message);
  if (failure !== undefined) throw failure;
  expect(String(ended)).toMatch(/the end of the attack|CONNECTION_|terminat/);
}

const who = (name: string) => {
  const shell = { name: 'shell', path: '/bin/sh', version: null };
  const capabilities = { runtimes: ['shell'], detected_interpreters: [shell, { ...shell, version: '9.9.9' }] };
  return JSON.stringify({ name, instance: 'i', workerType: 'container', host: 'h', capabilities });
};
const register = (sql: postgres.Sql | postgres.TransactionSql, name: string) =>
  sql`SELECT agent_register(NULL, ${who(name)}::text::jsonb, 900, '') AS answer`;

afterAll(async () => {
  await evil?.end({ timeout: 1 });
  await cluster?.[Symbol.asyncDispose]();
}, 60_000);

test('work goes on, workers live and others join while somebody holds all locks that he can take', async () => {
  await holding(
    async (transaction) => {
      for (const number of [0x7363686564, 0x6c6f6773, 0x617474756e65])
        await transaction`SELECT pg_advisory_lock(${number})`;
      const [refused] = await register(transaction, 'good');
      expect(refused?.['answer']).toHaveProperty('owner');
      await register(transaction, 'evil');
      await transaction`SELECT * FROM agent_heartbeat(NULL, 1, 'i', 60)`;
    },
    async () => {
      const id = await cluster.submit('says');
      expect(await cluster.reaches(id, 'completed', 'failed', 'timeout')).toMatchObject({ status: 'completed' });
      const late = cluster.startWorker('late', { ATTUNE__ARTIFACTS__DIRECTORY: `${cluster.packs.path}/artifacts` });
      await until('another joins', () => late.said().includes('registered'), 60_000);
      expect(good.said()).not.toContain('replaced');
      expect(callAgent(['migrate'], { env: cluster.env })).toMatchObject({ exitCode: 0 });
    },
  );
}, 120_000);

test('neither an artifact that somebody holds keeps a result from being stored, nor a build another one', async () => {
  const [registered] = await register(evil, 'evil');
  const worker: number = registered?.['answer'].worker;
  const [row] = await cluster.sql<{ id: number }[]>`
    INSERT INTO execution (action, action_ref, status, worker, attempt, instance)
    SELECT id, ref, 'running', ${worker}, 1, 'i' FROM action WHERE ref = 'life.leaves' RETURNING id::int`;
  const execution = row?.id ?? 0;
  const end = [{ execution, attempt: 1, worker, instance: 'i', status: 'completed', result: {} }];
  const path = `${execution}/1/left`;
  const files = [{ execution, attempt: 1, name: 'left', bytes: 1, checksum: 'c', path }];
  const environment = JSON.stringify({ key: 'volume/life-shell-1', packRef: 'life', runtime: 'shell', checksum: 'c' });
  const begin = (sql: postgres.Sql | postgres.TransactionSql, id: number) =>
    sql`SELECT is_mine FROM agent_begin_environment(NULL, ${id}, 'i', ${environment}::text::json, 900)`;
  await holding(
    async (transaction) => {
      const settled = await transaction`
        SELECT * FROM agent_settle(NULL, ${JSON.stringify(end)}::text::json, '[]', ${JSON.stringify(files)}::text::json)`;
      expect(settled.length).toBeGreaterThan(0);
      expect([...(await begin(transaction, worker))]).toEqual([{ is_mine: true }]);
    },
    async () => {
      const id = await cluster.submit('leaves');
      const { status, result } = await cluster.reaches(id, 'completed', 'failed', 'timeout');
      expect(status).toBe('completed');
      expect(String(result?.['artifact_errors'])).toContain('another transaction holds an artifact of this name');
      const other = openAs('other_locks');
      const [mine] = await register(other, 'other');
      expect([...(await begin(other, mine?.['answer'].worker))]).toEqual([{ is_mine: true }]);
      await other.end({ timeout: 1 });
    },
  );
}, 120_000);

test('a transaction of a worker that holds locks for long is ended, and that of a server is not', async () => {
  const doomed = openAs('evil_locks');
  const attack = doomed.begin(async (transaction) => {
    await transaction`SET LOCAL idle_in_transaction_session_timeout = 0`;
    await register(transaction, 'evil');
    const ended = await cluster.sql.begin(async (own) => {
      await own`SELECT FROM worker FOR UPDATE SKIP LOCKED`;
      return await own`SELECT agent_end_stale(0) AS login`;
    });
    expect([...ended]).toEqual([{ login: 'evil_locks' }]);
    await transaction`SELECT 1`;
  });
  await expect(attack).rejects.toThrow(/terminat|CONNECTION_/);
  await doomed.end({ timeout: 1 });
}, 120_000);

test('a listener that never reads, in a transaction without locks, does not stay, and one that works does', async () => {
  const [doomed, working] = [openAs('evil_locks'), openAs('other_locks')];
  await working`SELECT 1`;
  const attack = doomed.begin(async (transaction) => {
    await transaction`LISTEN execution_created`;
    await transaction`SELECT pg_notify('execution_created', repeat('a', 7000))`;
    expect([...(await cluster.sql`SELECT agent_end_stale(0) AS login`)]).toEqual([{ login: 'evil_locks' }]);
    await transaction`SELECT 1`;
  });
  await expect(attack).rejects.toThrow(/terminat|CONNECTION_/);
  expect([...(await working`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
  await Promise.all([doomed, working].map((one) => one.end({ timeout: 1 })));
}, 120_000);

test('a worker registers nothing that is large', async () => {
  const large = JSON.stringify({ ...JSON.parse(who('evil')), capabilities: { labels: { big: 'x'.repeat(20_000) } } });
  const registering = evil`SELECT agent_register(NULL, ${large}::text::jsonb, 900, '')`;
  await expect(registering).rejects.toThrow('have 8 KiB at most');
});

test('a claim of nothing locks no worker of another owner', async () => {
  const [row] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = 'good'`;
  await holding(
    (transaction) => transaction`SELECT agent_claim(NULL, ${row?.id ?? ''}, 'i', '[]', 900)`,
    async () => {
      await cluster.sql`SELECT FROM worker WHERE name = 'good' FOR UPDATE NOWAIT`;
    },
  );
});

test('whatever a worker says is bounded, whichever function it says it to', async () => {
  const large = 'x'.repeat(5_000_000);
  for (const part of [{ instance: large }, { process: large }, { pid: large }, { workerType: large }, { name: '' }]) {
    const said = JSON.stringify({ ...JSON.parse(who('evil')), ...part });
    const registering = evil`SELECT agent_register(NULL, ${said}::text::jsonb, 900, '')`;
    await expect(registering).rejects.toThrow(/has 2000 bytes at most|has a name/);
  }
  await register(evil, 'evil');
  const [me] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = 'evil'`;
  const id = me?.id ?? '';
  await evil`SELECT agent_pause(NULL, ${id}, 'i', ${large})`;
  const building = evil`SELECT agent_begin_environment(NULL, ${id}, 'i', ${JSON.stringify({ key: 'k', checksum: large })}::text::json, 9)`;
  await expect(building).rejects.toThrow('20000 bytes at most');
  const [given] = await cluster.sql<{ id: string }[]>`
    INSERT INTO execution (action_ref, status, worker, attempt) VALUES ('demo.says', 'scheduled', ${id}, 1) RETURNING id`;
  const execution = Number(given?.id);
  await evil`SELECT agent_claim(NULL, ${id}, 'i', ${JSON.stringify([{ execution, attempt: 1 }])}::text::json, 900)`;
  const chunk = { execution, attempt: 1, stream: 'stdout', seq: 0, offset: 0, data: 'QUFB'.repeat(5_000_000) };
  await evil`SELECT agent_append_logs(NULL, ${JSON.stringify([chunk])}::text::json)`;
  const file = (n: number) => ({
    execution,
    attempt: 1,
    name: `f${n}`,
    bytes: 1,
    checksum: 'c',
    path: `${execution}/1/f${n}`,
  });
  const files = JSON.stringify([
    { ...file(0), bytes: -1 },
    { ...file(1), checksum: large },
    ...Array.from({ length: 10_500 }, (_, n) => file(n + 2)),
  ]);
  const secret = { execution, attempt: 1, hash: 'h', value: 'z'.repeat(12_000_000) };
  const secrets = JSON.stringify([
    { ...secret, path: '/a', hash: large, value: '' },
    ...['/b', '/c', '/d'].map((path) => ({ ...secret, path })),
  ]);
  const settle = (status: string, result: unknown) => evil<{ accepted: string }[]>`
    SELECT accepted FROM agent_settle(NULL, ${JSON.stringify([{ execution, attempt: 1, worker: id, instance: 'i', status, result }])}::text::json,
      ${secrets}::text::json, ${files}::text::json, TRUE)`;
  for (const status of ['running', 'scheduled', 'canceling', 'made-up'])
    expect(await settle(status, {}).then((rows) => rows.length)).toBe(0);
  expect(await settle('completed', { output: 'y'.repeat(40_000_000) })).toHaveLength(1);
  const rows = await cluster.sql`
    SELECT (SELECT max(octet_length(w.meta::text)) < 2000 FROM worker w) AS meta, e.status, e.result ->> 'error' AS error,
      (SELECT count(*)::int FROM execution_log WHERE execution = e.id) AS logs,
      (SELECT count(*)::int FROM artifact_version WHERE execution = e.id) AS files,
      (SELECT string_agg(path, ' ' ORDER BY path) FROM execution_secret_value WHERE execution = e.id) AS secrets
    FROM execution e WHERE e.id = ${execution}`;
  const error = 'its worker has reported a result of more than 32 MiB';
  expect([...rows]).toEqual([{ meta: true, status: 'completed', error, logs: 0, files: 10_000, secrets: '/b /c' }]);
}, 180_000);

test('a worker says neither when nor where its logs are', async () => {
  const chunk = { execution: 1, attempt: 1, stream: 'stdout', data: 'QQ==' };
  const append = (sql: postgres.Sql | postgres.TransactionSql, ...chunks: readonly object[]) =>
    sql`SELECT agent_append_logs(NULL, ${JSON.stringify(chunks)}::text::json)`;
  const end = async (): Promise<number> => {
    const [row] = await cluster.sql<{ bytes: number }[]>`
      SELECT COALESCE(max("offset" + octet_length(data)), 0)::int AS bytes FROM execution_log
      WHERE execution = 1 AND stream = 'stdout'`;
    return row?.bytes ?? 0;
  };
  await cluster.sql`UPDATE worker SET owner = 'login:evil_locks' WHERE name = 'good'`;
  const before = await end();
  const told = [
    { ...chunk, seq: 900, offset: 1e12, at: '2999-01-01T00:00:00Z' },
    { ...chunk, seq: 901, offset: 0, at: '1970-01-01T00:00:00Z' },
    { ...chunk, seq: -1, offset: 0, at: '2999-01-01T00:00:00Z' },
  ];
  await append(evil, ...told);
  await append(evil, ...told);
  const rows = await cluster.sql`
    SELECT seq, "offset"::int, at BETWEEN now() - interval '10 minutes' AND now() AS is_now FROM execution_log
    WHERE execution = 1 AND (seq >= 900 OR seq < 0) ORDER BY seq`;
  expect([...rows]).toEqual([
    { seq: 900, offset: before, is_now: true },
    { seq: 901, offset: before + 1, is_now: true },
  ]);
  const blind = evil.begin('ISOLATION LEVEL REPEATABLE READ', (transaction) =>
    append(transaction, { ...chunk, seq: 902, offset: 0, at: '2999-01-01T00:00:00Z' }),
  );
  await expect(blind).rejects.toThrow('READ COMMITTED');
  expect(await end()).toBe(before + 2);
});

test('rows of a day to come keep no other day from its partition', async () => {
  const [now] = await cluster.sql<{ today: string }[]>`SELECT (now() AT TIME ZONE 'UTC')::date::text AS today`;
  const today = now?.today ?? '';
  await cluster.sql`
    INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data, at)
    SELECT 1, 1, 'stderr', 5000 + n, 0, '', (${today}::date + n) AT TIME ZONE 'UTC' FROM generate_series(30, 31) AS n`;
  await cluster.sql`SELECT agent_keep_logs(14, 35, 400)`;
  const days = await cluster.sql<{ n: number; found: boolean }[]>`
    SELECT n, to_regclass('attune.execution_log_' || to_char(${today}::date + n, 'YYYYMMDD')) IS NOT NULL AS found
    FROM generate_series(29, 32) AS n`;
  expect(days.filter(({ found }) => found).map(({ n }) => n)).toEqual([29, 32]);
  expect(await cluster.sql`SELECT FROM execution_log_default WHERE execution = 1 AND seq >= 5000`).toHaveLength(2);
});

test('versions of programs that workers tell of are few, however often they register', async () => {
  const versions = Array.from({ length: 600 }, (_, n) => `${n}.0`);
  for (let n = 0; n < 12; n += 1) {
    const name = `made-up-${n}`;
    const found = versions.map((version) => ({ name, path: `/${version}`, version }));
    const capabilities = { runtimes: [name], detected_interpreters: found };
    const templates = [{ name, aliases: [], executionConfig: {} }];
    const said = JSON.stringify({ ...JSON.parse(who('evil')), capabilities, templates });
    await evil`SELECT agent_register(NULL, ${said}::text::jsonb, 900, '')`;
  }
  const [noted] = await cluster.sql`SELECT count(*) BETWEEN 5000 AND 6000 AS few FROM runtime_version`;
  expect(noted).toEqual({ few: true });
  await cluster.sql`DELETE FROM runtime_version WHERE runtime_ref LIKE 'core.made-up-%'`;
  await cluster.sql`DELETE FROM runtime WHERE ref LIKE 'core.made-up-%'`;
});

test('a transaction that a worker has prepared is rolled back, and doctor says that any login may prepare some', async () => {
  const { power } = cluster.database;
  await cluster.sql.unsafe('ALTER SYSTEM SET max_prepared_transactions = 4');
  await power?.kill();
  await power?.start();
  const doomed = openAs('evil_locks');
  await doomed.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(1)`;
    await register(transaction, 'evil');
    await transaction.unsafe("PREPARE TRANSACTION 'it''s held'");
  });
  await doomed.end({ timeout: 1 });
  const doctor = callAgent(['doctor', '--only', 'database', '--format', 'json'], { env: cluster.env });
  const [finding] = (JSON.parse(doctor.stdout) as { findings: { state: string; advice: string }[] }).findings;
  expect(finding).toMatchObject({
    state: 'warning',
    advice: expect.stringContaining("ROLLBACK PREPARED 'it''s held'; "),
  });
  const prepared = () => cluster.sql`SELECT gid FROM pg_prepared_xacts`;
  expect(await prepared()).toHaveLength(1);
  const caller = { sql: cluster.sql } as Parameters<typeof endStale>[0]; /* all that this query needs of a server */
  expect(await endStale(caller, 60_000)).toEqual([]);
  expect(await endStale(caller, 0)).toEqual(['evil_locks']);
  expect(await prepared()).toHaveLength(0);
}, 240_000);
