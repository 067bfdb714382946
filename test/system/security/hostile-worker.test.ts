/** A worker that is somebody else's, with everything that the administrator gave it, against the worker beside it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type Channel, connect } from 'amqplib';
import postgres from 'postgres';
import { workerPermissions } from '#adapters/broker/amqp/permissions.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { workerId } from '#domain/ids.ts';
import { callAgent } from '#test/support/agent.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { withToken } from '#test/support/standalone.ts';
import { until } from '#test/support/until.ts';

const ids = { good: workerId(1), evil: workerId(2) };

/** As the administrator of RabbitMQ would import it. */
const definitions = {
  vhosts: [{ name: '/' }],
  users: ['guest', ...Object.values(ids).map((id) => workerPermissions(id).user)].map((name) => ({
    ...{ name, password: name },
    tags: name === 'guest' ? 'administrator' : '',
  })),
  permissions: [
    { user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' },
    ...Object.values(ids).map((id) => {
      const { user, configure, write, read } = workerPermissions(id);
      return { user, vhost: '/', configure, write, read };
    }),
  ],
  topic_permissions: Object.values(ids).flatMap((id) => {
    const { user, topics } = workerPermissions(id);
    return topics.map((topic) => ({ user, vhost: '/', ...topic }));
  }),
};

const SECRET = 'correct horse battery staple';
const wait = 'until [ -e "$GO" ]; do sleep 0.05; done\n';

let cluster: Cluster;
let go = '';
/** Of the worker `evil`: what it may use to reach the servers. */
let evilSql: postgres.Sql;
let asOf: (worker: keyof typeof ids) => Record<string, string>;

beforeAll(async () => {
  cluster = await startCluster({
    actions: {
      waits: { yaml: 'env_vars: [GO]\n', script: `#!/bin/sh\n${wait}` },
      begins: { yaml: 'env_vars: [GO]\n', script: `#!/bin/sh\n: >"$GO.begun"\n${wait}` },
      asks: {
        yaml: 'api_scopes: [submit, read]\nenv_vars: [GO]\n',
        script: `#!/bin/sh\nprintf %s "$ATTUNE_API_TOKEN" >"$GO.token"\necho "token $ATTUNE_API_TOKEN"\n${wait}`,
      },
    },
    rabbit: {
      files: { 'definitions.json': JSON.stringify(definitions) },
      config: (at) => `load_definitions = ${at}/definitions.json\n`,
    },
  });
  go = `${cluster.packs.path}/go`;
  const databaseAs = (login: string): string => {
    const url = new URL(cluster.env['ATTUNE__DATABASE__URL'] ?? '');
    url.username = login;
    return url.href;
  };
  for (const name of ['good', 'evil'] as const) {
    const assigned = callAgent(['workers', 'assign', name, '--login', `worker_${name}`, '--format', 'json'], {
      env: cluster.env,
    });
    expect(JSON.parse(assigned.stdout)).toMatchObject({ worker: ids[name], owner: `login:worker_${name}` });
    await cluster.sql.unsafe(`CREATE ROLE worker_${name} LOGIN IN ROLE attune_worker`);
  }
  await cluster.sql.unsafe('CREATE ROLE attune_api LOGIN IN ROLE attune_server');
  asOf = (name) => {
    const broker = new URL(cluster.broker.url);
    const { user } = workerPermissions(ids[name]);
    broker.username = user;
    broker.password = user;
    return {
      ATTUNE__DATABASE__URL: databaseAs(`worker_${name}`),
      ATTUNE__MESSAGE_QUEUE__URL: broker.href,
      ATTUNE__SECURITY__ENCRYPTION_KEY: SECRET,
    };
  };
  cluster.startServer({ ATTUNE__DATABASE__URL: databaseAs('attune_api'), ATTUNE__SECURITY__ENCRYPTION_KEY: SECRET });
  await cluster.answers();
  evilSql = postgres(databaseAs('worker_evil'), {
    max: 1,
    onnotice: () => {},
    connection: { search_path: 'attune,public' },
  });
}, 120_000);

afterAll(async () => {
  await evilSql?.end({ timeout: 1 });
  await cluster?.[Symbol.asyncDispose]();
}, 120_000);

/** The SQLSTATE with which the database refuses. */
async function refusal(statement: string): Promise<string> {
  return await evilSql.unsafe(statement).then(
    (rows) => `allowed: ${JSON.stringify(rows)}`,
    (error: { readonly code?: string }) => error.code ?? String(error),
  );
}

/** What RabbitMQ says to one thing that a user tries on a channel of its own. */
async function brokerSays(attempt: (channel: Channel) => Promise<unknown>): Promise<string> {
  const connection = await connect(asOf('evil')['ATTUNE__MESSAGE_QUEUE__URL'] ?? '');
  connection.on('error', () => {});
  try {
    const channel = await connection.createConfirmChannel();
    const failed = new Promise<string>((resolve) => channel.on('error', (error: Error) => resolve(error.message)));
    const tried = attempt(channel).then(
      async () => {
        await channel.waitForConfirms();
        return 'allowed';
      },
      (error: Error) => error.message,
    );
    return await Promise.race([failed, tried]);
  } finally {
    await connection.close().catch(() => {});
  }
}

test('a worker with the least privilege works: it registers, is dispatched to, reports, and leaves', async () => {
  await using worker = cluster.startWorker('good', asOf('good'));
  const id = await cluster.submit('life.waits', {}, { env_vars: { GO: go } });
  await cluster.reaches(id, 'running');
  await Bun.write(go, '');
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ status: 'completed', worker: 1 });
  worker.signal('SIGTERM');
  expect([await worker.ended, worker.said()]).toEqual([0, expect.not.stringContaining('ACCESS_REFUSED')]);
  expect(callAgent(['doctor', '--only', 'database,broker,clock'], { env: asOf('good') })).toMatchObject({
    exitCode: 0,
  });
}, 120_000);

test('a hostile worker reads nothing of what another runs, ends nothing of it, reads no keys, and dispatches nothing', async () => {
  const keyed = { owner_type: 'pack', owner: 'life', name: 'password', value: 'pack secret' };
  expect((await cluster.api('keys', { method: 'POST', body: JSON.stringify(keyed) })).ok).toBe(true);
  rmSync(go, { force: true });
  await using worker = cluster.startWorker('good', asOf('good'));
  const running = await cluster.submit('life.begins', { secret: 'of the other' }, { env_vars: { GO: go } });
  await until('its action runs, so that its attempt stays', () => existsSync(`${go}.begun`));
  const { attempt } = await cluster.reaches(running, 'running');
  const [row] = await cluster.sql<
    { instance: string }[]
  >`SELECT meta->>'instance' AS instance FROM worker WHERE name = 'good'`;
  const instance = row?.instance ?? '';

  const tables = await cluster.sql<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'attune'::regnamespace AND c.relkind IN ('r', 'p')`;
  expect(tables.length).toBeGreaterThan(15);
  for (const { name } of tables) {
    for (const statement of [`SELECT * FROM ${name}`, `DELETE FROM ${name}`, `COPY ${name} TO STDOUT`])
      expect(`${statement}: ${await refusal(statement)}`).toBe(`${statement}: 42501`);
    const [any] = await cluster.sql<{ may: boolean }[]>`
      SELECT has_any_column_privilege('worker_evil', ${`attune.${name}`}, 'SELECT, INSERT, UPDATE, REFERENCES')
        OR has_table_privilege('worker_evil', ${`attune.${name}`}, 'DELETE, TRUNCATE, TRIGGER') AS may`;
    expect([name, any?.may]).toEqual([name, false]);
  }
  const forged = "'attune.executions', 'execution.dispatch.worker.2', '{}'";
  expect(await refusal(`INSERT INTO outbox (exchange, routing_key, message) VALUES (${forged})`)).toBe('42501');

  const me = `'', 1, '${instance}'`;
  const offers = JSON.stringify([{ execution: running }]);
  expect(await evilSql.unsafe(`SELECT * FROM agent_claim(${me}, '${offers}', 60)`)).toHaveLength(0);
  expect(await evilSql.unsafe(`SELECT * FROM agent_claim(NULL, 1, '${instance}', '${offers}', 60)`)).toHaveLength(0);
  const settlement = JSON.stringify([
    { execution: running, attempt, worker: 1, instance, status: 'completed', result: {} },
  ]);
  expect(await evilSql.unsafe(`SELECT * FROM agent_settle(NULL, '${settlement}', '[]', NULL)`)).toHaveLength(0);
  expect(await evilSql.unsafe(`SELECT * FROM agent_heartbeat(NULL, 1, '${instance}', 60)`)).toHaveLength(0);
  expect(await evilSql.unsafe(`SELECT * FROM agent_begin_drain(NULL, 1, '${instance}')`)).toHaveLength(0);
  expect(await evilSql.unsafe(`SELECT * FROM agent_pause(NULL, 1, '${instance}', 'a lie')`)).toHaveLength(0);
  expect(await evilSql.unsafe(`SELECT * FROM agent_unpublished(1000, -1000)`)).toHaveLength(0);
  const who = JSON.stringify({
    name: 'good',
    workerType: 'container',
    instance: 'x',
    capabilities: { detected_interpreters: [] },
    templates: [],
  });
  expect(
    await evilSql.unsafe(`SELECT agent_register('login:worker_good', '${who}', 0, '${instance}') AS answer`),
  ).toMatchObject([{ answer: { owner: 'login:worker_good' } }]);
  await evilSql.unsafe(`SELECT agent_deregister(NULL, 1, '${instance}')`);
  await evilSql.unsafe(
    `SELECT agent_append_logs(NULL, '[{"execution": ${running}, "attempt": ${attempt}, "stream": "stdout", "seq": 0, "offset": 0, "data": "AAAA", "at": "2026-01-01"}]')`,
  );
  for (const inner of [
    'agent_save_artifacts(1, NULL)',
    "agent_save_detected(1, '{}', NULL)",
    'agent_keep_logs(0, 0, 0)',
    'agent_end_stale(0)',
    'agent_grant()',
  ])
    expect(`${inner} ${await refusal(`SELECT ${inner}`)}`).toBe(`${inner} 42501`);
  expect(await refusal('SET ROLE attune_server')).toBe('42501');
  const paths = await cluster.sql`
    SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'attune'::regnamespace AND NOT proconfig @> '{"search_path=attune, pg_temp"}'`;
  expect([...paths]).toEqual([]);
  expect(await refusal('CREATE TEMP TABLE mine (one TEXT)')).toBe('42501');
  expect(await refusal('SELECT lo_from_bytea(0, $$x$$)')).toBe('42501');
  /* Names of its own do not come before those of the functions, also where somebody has given temporary tables back. */
  const [{ name = '' } = {}] = await cluster.sql<{ name: string }[]>`SELECT current_database() AS name`;
  await cluster.sql.unsafe(`GRANT TEMPORARY ON DATABASE ${name} TO attune_worker`);
  await evilSql.unsafe('CREATE TEMP TABLE worker AS SELECT 1::bigint AS id');
  await evilSql.unsafe("CREATE FUNCTION pg_temp.agent_owner(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'");
  expect(await evilSql.unsafe(`SELECT * FROM agent_claim(${me}, '${offers}', 60)`)).toHaveLength(0);

  const refused = 'ACCESS_REFUSED';
  const dispatchKey = 'execution.dispatch.worker.1';
  const own = 'worker.2.executions';
  expect(await brokerSays((channel) => channel.consume('worker.1.executions', () => {}))).toContain(refused);
  expect(await brokerSays((channel) => channel.get('worker.1.executions'))).toContain(refused);
  expect(await brokerSays((channel) => channel.purgeQueue('worker.1.executions'))).toContain(refused);
  expect(await brokerSays((channel) => channel.deleteQueue('worker.1.executions'))).toContain(refused);
  expect(await brokerSays((channel) => channel.assertQueue('worker.9.executions'))).toContain(refused);
  const ownArguments = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  expect(await brokerSays((channel) => channel.assertQueue(own, ownArguments))).toBe('allowed');
  for (const key of [dispatchKey, '#', 'execution.dispatch.worker.*', 'execution.cancel.worker.1'])
    expect(await brokerSays((channel) => channel.bindQueue(own, 'attune.executions', key))).toContain(refused);
  expect(await brokerSays((channel) => channel.bindQueue(own, 'attune.events', '#'))).toContain(refused);
  for (const [exchange, key] of [
    ['attune.executions', dispatchKey],
    ['attune.executions', 'execution.cancel.worker.1'],
    ['attune.events', 'pack.registered'],
    ['', 'worker.1.executions'],
  ] as const)
    expect(await brokerSays(async (channel) => channel.publish(exchange, key, Buffer.from('{}')))).toContain(refused);
  /* RabbitMQ does not check further keys of a message: such a one wakes the other worker, which begins nothing. */
  const payload = { execution_id: running, worker_id: 1, action_ref: 'life.waits', config: null, attempt: attempt + 1 };
  const about = { message_id: crypto.randomUUID(), correlation_id: crypto.randomUUID(), source: 'evil' };
  const times = { timestamp: new Date().toISOString() };
  const dispatch = Buffer.from(JSON.stringify({ ...about, ...times, message_type: 'ExecutionRequested', payload }));
  for (const further of [{ CC: dispatchKey }, { BCC: dispatchKey }])
    expect(
      await brokerSays(async (channel) =>
        channel.publish('attune.executions', 'execution.completed', dispatch, further),
      ),
    ).toBe('allowed');

  expect(await cluster.execution(running)).toMatchObject({ status: 'running', attempt });
  expect(await cluster.sql`SELECT FROM execution_log WHERE execution = ${running}`).toHaveLength(0);
  await Bun.write(go, '');
  expect(await cluster.reaches(running, 'completed', 'failed')).toMatchObject({ status: 'completed', attempt });
  expect(worker.said()).not.toContain('replaced');
}, 120_000);

test('a hostile worker of the API has no part in the workers of another token', async () => {
  const tokens = ['one', 'two'].map((name) =>
    callAgent(['token', 'create', '--name', name, '--scope', 'worker'], { env: cluster.env }).stdout.trim(),
  );
  const [ours = '', theirs = ''] = tokens;
  const ask = (token: string, path: string, body: object): Promise<Response> =>
    fetch(`${cluster.url}/api/v1/worker/${path}`, withToken(token, { method: 'POST', body: JSON.stringify(body) }));
  const registration = {
    ...{ name: 'remote', instance: 'i1', workerType: 'remote', host: 'h', pid: 1, process: 'p', templates: [] },
    capabilities: {
      ...{ runtimes: ['shell'], max_concurrent_executions: 1, worker_version: '1', agent_mode: true },
      ...{
        agent_binary_name: 'a',
        agent_binary_version: '1',
        detected_interpreters: [],
        runtime_versions: {},
        labels: {},
        taints: [],
      },
    },
  };
  const registered = (await (await ask(ours, 'register', { registration, leaseMs: 60_000 })).json()) as {
    worker: string;
  };
  const session = { worker: String(registered.worker), instance: 'i1' };
  expect(await (await ask(theirs, 'register', { registration, leaseMs: 0, gone: 'i1' })).json()).toEqual({
    kind: 'not-yours',
    owner: expect.stringMatching(/^token:\d+$/),
  });
  expect(await (await ask(theirs, 'heartbeat', { session, leaseMs: 1000 })).json()).toEqual({ kind: 'replaced' });
  expect(await (await ask(ours, 'heartbeat', { session, leaseMs: 1000 })).json()).toMatchObject({ kind: 'alive' });
  const messages = await fetch(
    `${cluster.url}/api/v1/worker/messages/worker.${session.worker}.executions`,
    withToken(theirs),
  );
  expect([messages.status, await messages.text()]).toEqual([403, expect.stringContaining("not one of token 'two'")]);
  const forged = { method: 'PUT', body: 'forged', headers: { 'content-type': 'application/octet-stream' } };
  const upload = await fetch(`${cluster.url}/api/v1/worker/artifacts?path=1/1/x`, withToken(theirs, forged));
  expect(upload.status).toBe(403);
  const around = await fetch(
    `${cluster.url}/api/v1/worker/artifacts?path=${encodeURIComponent('1/1/../../2/1/x')}`,
    withToken(ours, forged),
  );
  expect([around.status, await around.text()]).toEqual([400, expect.stringContaining('neither empty nor . nor ..')]);
  const assign = (...args: readonly string[]) =>
    callAgent(['workers', 'assign', 'reserved', ...args], { env: cluster.env });
  expect(assign('--token', 'none')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no token'),
  });
  expect(assign('--token', 'one')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('belongs to token one'),
  });
  const reserved = { registration: { ...registration, name: 'reserved' }, leaseMs: 60_000 };
  expect(await (await ask(theirs, 'register', reserved)).json()).toMatchObject({ kind: 'not-yours' });
  expect(await (await ask(ours, 'register', reserved)).json()).toMatchObject({ kind: 'registered' });
}, 120_000);

test("an execution's token serves while it runs, and is not seen in its log", async () => {
  rmSync(go, { force: true });
  await using _ = cluster.startWorker('good', { ...asOf('good'), ATTUNE_API_URL: cluster.url });
  const id = await cluster.submit('life.asks', {}, { env_vars: { GO: go } });
  const given = (): string => (existsSync(`${go}.token`) ? readFileSync(`${go}.token`, 'utf8') : '');
  await until('the action has its token', () => given() !== '');
  const token = given();
  const ask = (path: string, init?: RequestInit): Promise<number> =>
    fetch(`${cluster.url}/api/v1/${path}`, withToken(token, init)).then((one) => one.status);
  expect(token).toMatch(/^att_/);
  expect(await ask(`executions/${id}`)).toBe(200);
  expect(await ask('keys')).toBe(403);
  expect(await ask('worker/heartbeat', { method: 'POST', body: '{}' })).toBe(403);
  await Bun.write(go, '');
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ status: 'completed' });
  expect(await ask(`executions/${id}`)).toBe(401);
  const log = await (await cluster.api(`executions/${id}/logs/stdout`)).text();
  expect([log.includes('token '), log.includes(token)]).toEqual([true, false]);
}, 120_000);

test('encrypted values are worth nothing in another row: neither those of keys nor those of before', async () => {
  await using _ = cluster.startWorker('good', asOf('good'));
  const save = (owner: string, name: string): Promise<Response> =>
    cluster.api('keys', { method: 'POST', body: JSON.stringify({ owner_type: 'pack', owner, name, value: name }) });
  const ends = async (): Promise<{ readonly status: string; readonly error: unknown }> => {
    const id = await cluster.submit('life.waits', {}, { env_vars: { GO: '/' } });
    const { status, result } = await cluster.reaches(id, 'completed', 'failed');
    return { status, error: result?.['error'] };
  };
  const completed = expect.objectContaining({ status: 'completed' });
  const refused = { status: 'failed', error: expect.stringContaining('cannot be decrypted, as it was altered') };
  for (const [owner, name] of [
    ['life', 'mine'],
    ['elsewhere', 'theirs'],
  ] as const)
    expect((await save(owner, name)).status).toBe(201);
  expect(await ends()).toEqual(completed);
  await cluster.sql`
    UPDATE key SET value = o.value, encryption_key_hash = o.encryption_key_hash FROM key AS o
    WHERE key.ref = 'pack.life.mine' AND o.ref = 'pack.elsewhere.theirs'`;
  expect(await ends()).toEqual(refused);
  await save('life', 'mine');
  await cluster.sql`UPDATE key SET owner_pack_ref = 'life' WHERE ref = 'pack.elsewhere.theirs'`;
  expect(await ends()).toEqual(refused);

  /* As versions up to 0.1 have stored it: readable, until it is encrypted again for its own row. */
  const { joined } = createCiphers(SECRET);
  const old = joined.encrypt('"old"', ['key', 'value']);
  const place = async (ref: string): Promise<unknown> =>
    await cluster.sql`
      UPDATE key SET value = to_jsonb(${old}::text), encryption_key_hash = ${joined.keyHash}, owner_pack_ref = split_part(ref, '.', 2)
      WHERE ref = ${ref}`;
  await place('pack.life.mine');
  await place('pack.elsewhere.theirs');
  expect(await ends()).toEqual(completed);
  const migrate = (env: Readonly<Record<string, string>>) =>
    callAgent(['migrate', '--encrypt-again'], { env: { ...cluster.env, ...env } });
  expect(migrate({})).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('ATTUNE__SECURITY__ENCRYPTION') });
  const again = migrate({ ATTUNE__SECURITY__ENCRYPTION_KEY: SECRET });
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('encrypted again: 2 values') });
  expect(await ends()).toEqual(completed);
  await cluster.sql`UPDATE key SET owner_pack_ref = 'life' WHERE ref = 'pack.elsewhere.theirs'`;
  expect(await ends()).toEqual(refused);
  await cluster.sql`DELETE FROM key`;
}, 120_000);
