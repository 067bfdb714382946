/** The contract of stores, as far as it is a worker's, on a database of Attune's Rust control plane. */
import { expect } from 'bun:test';
import { grantRoles } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import type { Store } from '#domain/store.ts';
import { connectTo, fillAttuneDatabase, type JoinedDatabase } from '#test/support/joined/database.ts';
import { insertAction, scheduleExecution } from '#test/support/joined/seed.ts';
import { migrateJoined, openJoinedStore } from '#test/support/joined/store.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { ledgerContract } from './ledger-contract.ts';
import { firstWorker, ledgerWorld, registrationRequest } from './samples.ts';
import { claimContract } from './store/claim.ts';
import {
  bounds,
  claim,
  completed,
  ended,
  join,
  kinds,
  LEASE_MS,
  logChunk,
  type StoreContract,
  start,
  statusOf,
  submitOne,
} from './store/fixtures.ts';
import { heartbeatContract } from './store/heartbeat.ts';
import { logsContract } from './store/logs.ts';
import { registrationContract } from './store/registration.ts';
import { settleContract } from './store/settle.ts';

const server = sharedPostgres();

async function fill(url: string): Promise<void> {
  await using database = await fillAttuneDatabase(url);
  await migrateJoined(database.sql);
}

async function openMigrated(): Promise<JoinedDatabase> {
  return connectTo(await server().createDatabase(fill));
}

const openStore = async (): Promise<Store> => openJoinedStore(await openMigrated());

/** Tests of the contract that do not hold here, because Attune's executor counts retries and delays them. */
const others = ['a hand-back is requested again with its reason, counts as a retry, and waits for its delay'];

const contract: StoreContract = {
  test: (title, body) => {
    if (!others.includes(title)) serversTest(`joined: ${title}`, body);
  },
  open: openStore,
};

for (const subject of [registrationContract, claimContract, settleContract, heartbeatContract, logsContract])
  subject(contract);
ledgerContract(contract.test, ledgerWorld(openStore));

function typesOf(messages: readonly OutgoingMessage[]): readonly string[] {
  return messages.map(({ routingKey, messageType }) => `${routingKey} ${messageType}`).toSorted();
}

serversTest(
  'joined: an execution goes from its schedule to its result, with the messages that its executor expects',
  async () => {
    await using database = await openMigrated();
    await using store = openJoinedStore(database);
    const session = await join(store);
    const execution = await submitOne(store);
    await scheduleExecution(database.sql, execution, session.worker);
    const { claimed, messages } = await store.claim(session, [{ execution, attempt: undefined }], LEASE_MS);
    const [one] = claimed;
    if (!one) throw new Error('not claimed');
    expect(one).toMatchObject({
      ...{ execution, attempt: 1, actionRef: 'demo.echo', parameters: { n: 0 }, maxRetries: undefined },
      action: { script: { packRef: 'demo', entryPoint: 'echo.sh' }, parameterDelivery: 'stdin', outputFormat: 'text' },
    });
    expect(kinds(messages)).toEqual(['ExecutionStatusChanged scheduled→running']);
    const settled = await store.settle([ended(session, one, completed)]);
    expect(typesOf(settled.messages)).toEqual([
      'execution.completed ExecutionCompleted',
      'execution.status.changed ExecutionStatusChanged',
    ]);
    const [row] =
      await database.sql`SELECT status::text, result, worker, retry_count FROM execution WHERE id = ${execution}`;
    expect(row).toMatchObject({
      status: 'completed',
      result: { succeeded: true },
      worker: session.worker,
      retry_count: 0,
    });
    const waiting = await store.unpublished(100, 0, LEASE_MS);
    expect(waiting.map((message) => message.outboxId)).toEqual(
      [...messages, ...settled.messages].map((m) => m.outboxId ?? ''),
    );
    await store.forget(waiting.map((message) => message.outboxId));
    expect([...(await database.sql`SELECT FROM agent_outbox`)]).toEqual([]);
    const history = await database.sql<{ operation: string }[]>`SELECT operation FROM execution_history`;
    expect(history.map((entry) => entry.operation)).toEqual(['INSERT', 'UPDATE', 'UPDATE', 'UPDATE']);
  },
);

serversTest('joined: what is handed back asks the executor for another worker, and spends no retry', async () => {
  await using database = await openMigrated();
  await using store = openJoinedStore(database);
  const session = await join(store);
  const one = await start(store, session);
  const again = { kind: 'again', reason: 'shutdown', delayMs: 60_000, result: {} } as const;
  const { messages } = await store.settle([ended(session, one, again)]);
  expect(typesOf(messages)).toEqual([
    'execution.requested ExecutionRequested',
    'execution.status.changed ExecutionStatusChanged',
  ]);
  const request = messages.find(({ messageType }) => messageType === 'ExecutionRequested');
  const [action] = await database.sql`SELECT id::int FROM action WHERE ref = 'demo.echo'`;
  expect(request?.payload).toEqual({
    ...{ execution_id: Number(one.execution), action_id: action?.['id'], action_ref: 'demo.echo' },
    ...{ parent_id: null, enforcement_id: null, config: { n: 0 } },
  });
  expect(await store.readExecution(one.execution)).toMatchObject({
    status: 'requested',
    retryCount: 0,
    worker: undefined,
  });
  const second = await start(store, session);
  await scheduleExecution(database.sql, one.execution, session.worker);
  expect(await claim(store, session, { execution: one.execution })).toMatchObject({ attempt: 2 });
  expect(second.attempt).toBe(1);
});

serversTest(
  'joined: a draining worker is busy, gives back what it has not begun, and is inactive at its end',
  async () => {
    await using store = await openStore();
    const session = await join(store);
    const running = await start(store, session);
    const waiting = await submitOne(store);
    await store.schedule(bounds, firstWorker);
    expect(typesOf((await store.beginDrain(session)).messages)).toEqual([
      'execution.requested ExecutionRequested',
      'execution.status.changed ExecutionStatusChanged',
    ]);
    expect(await store.readExecution(waiting)).toMatchObject({ status: 'requested', worker: undefined });
    await store.heartbeat(session, LEASE_MS);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ status: 'busy' }]);
    expect((await store.settle([ended(session, running, completed)])).accepted).toEqual([running.execution]);
    await store.deregister(session);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ status: 'inactive' }]);
  },
);

serversTest('joined: a paused worker is busy and gives back what it has not begun, and is active again', async () => {
  await using store = await openStore();
  const session = await join(store);
  const waiting = await submitOne(store);
  await store.schedule(bounds, firstWorker);
  expect(typesOf((await store.pause(session, 'full: no room')).messages)).toContain(
    'execution.requested ExecutionRequested',
  );
  expect(await store.readExecution(waiting)).toMatchObject({ status: 'requested', worker: undefined });
  await store.heartbeat(session, LEASE_MS);
  expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ status: 'busy' }]);
  expect((await store.pause(session, undefined)).messages).toEqual([]);
  await store.heartbeat(session, LEASE_MS);
  expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ status: 'active' }]);
});

serversTest(
  'joined: a cancel wins over a hand-back, and an execution whose action is gone has the action 0',
  async () => {
    await using database = await openMigrated();
    await using store = openJoinedStore(database);
    const session = await join(store);
    const one = await start(store, session);
    await store.cancel(one.execution, 'ada');
    await database.sql`DELETE FROM action WHERE ref = 'demo.echo'`;
    const again = { kind: 'again', reason: 'r', delayMs: 0, result: { succeeded: false, cancelled: true } } as const;
    const { messages } = await store.settle([ended(session, one, again)]);
    expect(kinds(messages)).toEqual(['ExecutionCompleted', 'ExecutionStatusChanged canceling→cancelled']);
    expect(messages.find(({ messageType }) => messageType === 'ExecutionCompleted')?.payload).toMatchObject({
      action_id: 0,
    });
  },
);

serversTest(
  'joined: what the executor has ended itself is no claim any more, and nothing is written over it',
  async () => {
    await using database = await openMigrated();
    await using store = openJoinedStore(database);
    const session = await join(store);
    const one = await start(store, session);
    await database.sql`UPDATE execution SET status = 'abandoned' WHERE id = ${one.execution}`;
    expect((await store.settle([ended(session, one, completed)])).accepted).toEqual([]);
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive', claims: [] });
    expect([...(await database.sql`SELECT FROM agent_execution_claim`)]).toEqual([]);
    expect(await statusOf(store, one.execution)).toBe('abandoned');
  },
);

serversTest('joined: what an earlier process of the name left running is abandoned, with its messages', async () => {
  await using store = await openStore();
  const first = registrationRequest('w1');
  const one = await start(store, await join(store, first));
  const second = registrationRequest('w1');
  expect(await store.register(second, LEASE_MS, first.instance)).toMatchObject({
    kind: 'registered',
    database: 'joined',
  });
  expect(await store.readExecution(one.execution)).toMatchObject({ status: 'abandoned', result: { succeeded: false } });
  const left = (await store.unpublished(10, 0, LEASE_MS)).map(({ messageType }) => messageType);
  expect(left.filter((type) => type === 'ExecutionCompleted')).toHaveLength(1);
});

serversTest(
  "joined: a live worker of Attune's own agent keeps its name, and a stopped or silent one does not",
  async () => {
    await using database = await openMigrated();
    await using store = openJoinedStore(database);
    const { sql } = database;
    await sql`
    INSERT INTO worker (name, worker_type, worker_role, host, status, last_heartbeat)
    VALUES ('w1', 'local', 'action', 'their-host', 'active', now() - interval '40 seconds')`;
    const request = registrationRequest('w1');
    expect(await store.register(request, 9000)).toMatchObject({ kind: 'name-taken', host: 'their-host' });
    await sql`UPDATE worker SET last_heartbeat = now() - interval '2 minutes'`;
    const session = await join(store, request, 9000);
    /* Their agent takes the name over while ours is gone without a word. */
    await sql`UPDATE worker SET last_heartbeat = now() - interval '20 seconds', status = 'active'`;
    expect(await store.register(registrationRequest('w1'), 9000)).toMatchObject({ kind: 'name-taken' });
    await sql`UPDATE worker SET status = 'inactive'`;
    expect(await store.register(registrationRequest('w1'), 9000)).toMatchObject({ worker: session.worker });
    await sql`UPDATE worker SET worker_role = 'sensor', status = 'inactive'`;
    expect(await store.register(registrationRequest('w1'), 9000)).toMatchObject({ kind: 'name-taken' });
  },
);

serversTest('joined: the registry of runtimes is read and never written', async () => {
  await using database = await openMigrated();
  await using store = openJoinedStore(database);
  const registry = async () => [
    ...(await database.sql`SELECT * FROM runtime ORDER BY id`),
    ...(await database.sql`SELECT * FROM runtime_version ORDER BY id`),
  ];
  const before = await registry();
  const template = { name: 'node', aliases: [], executionConfig: { interpreter: { binary: 'node' } } };
  const { capabilities } = registrationRequest('w1');
  const detected_interpreters = [{ name: 'node', path: '/usr/bin/node', version: '22.1.0' }];
  const session = await join(
    store,
    registrationRequest('w1', { templates: [template], capabilities: { ...capabilities, detected_interpreters } }),
  );
  await insertAction(database.sql, 'demo.js', { runtimeRef: 'core.nodejs' });
  expect(await start(store, session, 'demo.js')).toMatchObject({ action: { runtime: 'Node.js' } });
  await insertAction(database.sql, 'demo.native', { runtimeRef: 'core.native' });
  expect((await start(store, session, 'demo.native')).action?.runtimeConfig).toBeUndefined();
  expect(await registry()).toEqual(before);
});

serversTest(
  'joined: files that executions leave become versions of one artifact, by the retention of their action',
  async () => {
    await using database = await openMigrated();
    await using store = openJoinedStore(database);
    const session = await join(store);
    await insertAction(database.sql, 'demo.report', {
      artifact_retention_policy: 'versions',
      artifact_retention_limit: 2,
    });
    for (let count = 0; count < 3; count++) {
      const one = await start(store, session, 'demo.report');
      const file = { name: 'a.png', bytes: 3, checksum: 'c', path: `${one.execution}/1/a.png` };
      const forged = { ...file, name: 'b.png', path: 'elsewhere/b.png' };
      await store.settle([{ ...ended(session, one, completed), artifacts: [file, forged] }]);
    }
    const artifacts = await database.sql`SELECT ref, scope::text, owner, type::text, size_bytes::int FROM artifact`;
    const common = {
      ref: 'demo.report/a.png',
      scope: 'action',
      owner: 'demo.report',
      type: 'file_image',
      size_bytes: 3,
    };
    expect([...artifacts]).toEqual([common]);
    const versions = await database.sql<{ version: number }[]>`SELECT version FROM artifact_version ORDER BY version`;
    expect(versions.map(({ version }) => version)).toEqual([2, 3]);
  },
);

serversTest('joined: a login that is nothing but a worker acts for its own workers alone', async () => {
  await using database = await openMigrated();
  expect(await grantRoles(database.sql)).toEqual([]);
  await database.sql.unsafe(
    'DROP ROLE IF EXISTS joined_a, joined_b; CREATE ROLE joined_a LOGIN IN ROLE attune_worker; CREATE ROLE joined_b LOGIN IN ROLE attune_worker',
  );
  const as = (user: string): Store => openPostgresStore(Object.assign(new URL(database.url), { username: user }).href);
  await using mine = as('joined_a');
  await using theirs = as('joined_b');
  const session = await join(mine);
  await using store = openJoinedStore(database);
  const [running, waiting] = [await submitOne(store), await submitOne(store)];
  for (const execution of [running, waiting]) await scheduleExecution(database.sql, execution, session.worker);
  const one = await claim(mine, session, { execution: running });
  expect(await theirs.heartbeat(session, LEASE_MS)).toEqual({ kind: 'replaced' });
  expect((await theirs.claim(session, [{ execution: waiting, attempt: undefined }], LEASE_MS)).claimed).toEqual([]);
  expect((await theirs.settle([ended(session, one, completed)])).accepted).toEqual([]);
  await theirs.appendLogs([logChunk(running, 0, 'forged')]);
  await theirs.beginDrain(session);
  await theirs.deregister(session);
  expect(await theirs.register(registrationRequest('w1'), 0)).toMatchObject({
    kind: 'not-yours',
    owner: 'login:joined_a',
  });
  expect(await store.readLogs(running, { attempt: 0, seq: -1 }, 10)).toEqual([]);
  await mine.appendLogs([logChunk(running, 0, 'real')]);
  expect(await store.readLogs(running, { attempt: 0, seq: -1 }, 10)).toHaveLength(1);
  expect((await mine.settle([ended(session, one, completed)])).accepted).toEqual([running]);
  expect(await theirs.unpublished(10, 0, LEASE_MS)).toEqual([]);
  await expect(
    database.sql.begin(async (sql) => {
      await sql`SET LOCAL ROLE joined_a`;
      return await sql`SELECT FROM attune.execution`;
    }),
  ).rejects.toThrow('permission denied');
});

serversTest('joined: rows of Attune can be deleted and emptied whatever the agent holds', async () => {
  await using database = await openMigrated();
  await using store = openJoinedStore(database);
  const session = await join(store);
  const one = await start(store, session);
  await store.appendLogs([logChunk(one.execution, 0, 'text')]);
  await database.sql`DELETE FROM execution`;
  await database.sql`DELETE FROM worker`;
  await database.sql`TRUNCATE execution, worker, pack CASCADE`;
  expect(await store.heartbeat(session, LEASE_MS)).toEqual({ kind: 'replaced' });
  expect((await store.settle([ended(session, one, completed)])).accepted).toEqual([]);
  await store.keepLogs(7);
  for (const table of ['agent_execution_claim', 'agent_worker'])
    expect([...(await database.sql.unsafe(`SELECT FROM ${table}`))]).toEqual([]);
});

serversTest('joined: old logs and attempts go, those of a claim stay', async () => {
  await using database = await openMigrated();
  await using store = openJoinedStore(database);
  const session = await join(store);
  const [held, done] = [await start(store, session), await start(store, session)];
  await store.settle([ended(session, done, completed)]);
  await database.sql`UPDATE agent_execution_attempt SET claimed_at = now() - interval '30 days'`;
  await store.keepLogs(7);
  const attempts = await database.sql<{ execution: string }[]>`SELECT execution::text FROM agent_execution_attempt`;
  expect(attempts.map(({ execution }) => execution)).toEqual([String(held.execution)]);
});
