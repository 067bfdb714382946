/** What an execution of Attune's Rust control plane brings with it, and what it leaves in that system's tables. */
import { expect } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openSharedVolume } from '#adapters/artifacts/shared-volume.ts';
import { findKind } from '#adapters/store/postgres/find-kind.ts';
import { joinedSchema } from '#adapters/store/postgres/joined/schema.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { VERSION } from '#cli/version.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { sha256Of } from '#crypto/sha256.ts';
import type { Settlement } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import { SECRET_MARKER } from '#domain/joined-execution.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { openAttuneDatabase } from '#test/support/joined/database.ts';
import { type Columns, insert, insertAction, insertExecution, scheduleExecution } from '#test/support/joined/seed.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { registrationRequest } from './samples.ts';

const server = sharedPostgres();
const ciphers = createCiphers('a key of thirty-two characters!!');
const cipher = ciphers.joined;
const PLACE = ['key', 'value'] as const;
const LEASE_MS = 60_000;

async function openWorld() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openAttuneDatabase(server()));
  const directory = opened.use(temporaryDirectory());
  const { sql } = database;
  await migrate(sql, await joinedSchema(sql, await findKind(sql), VERSION));
  const volume = openSharedVolume(directory.path);
  const shared = { volume, retention: { policy: 'days', limit: 7 } } as const;
  const store = opened.use(openPostgresStore(database.url, { ciphers, shared }));
  const registration = registrationRequest('w');
  const outcome = await store.register(registration, LEASE_MS);
  if (outcome.kind !== 'registered') throw new Error('not registered');
  const session: WorkerSession = { worker: outcome.worker, instance: registration.instance };
  /* What a worker writes while an execution runs. */
  const writeLog = async (execution: ExecutionId, stream: 'stdout' | 'stderr', text: string): Promise<void> => {
    const log = await volume.openLog({ execution, stream });
    await log.append(Buffer.from(text));
    await log.close();
  };
  const claim = async (actionRef: string, columns: Columns = {}): Promise<ClaimedExecution> =>
    await claimId(await insertExecution(sql, actionRef, columns));
  const claimId = async (id: number): Promise<ClaimedExecution> => {
    await scheduleExecution(sql, id, session.worker);
    const offer = { execution: executionId(id), attempt: undefined };
    const [claimed] = (await store.claim(session, [offer], LEASE_MS)).claimed;
    if (!claimed) throw new Error('not claimed');
    return claimed;
  };
  const settle = async (claimed: ClaimedExecution, more: Partial<Settlement> = {}): Promise<void> => {
    const { execution, attempt } = claimed;
    const verdict = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;
    const settlement = { ...session, execution, attempt, verdict, isJoined: true, ...more };
    expect((await store.settle([settlement])).accepted).toEqual([execution]);
  };
  const resources = opened.move();
  return {
    ...{ sql, store, session, directory: directory.path, claim, claimId, settle, writeLog },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const encrypted = (value: unknown): string => cipher.encrypt(JSON.stringify(value), PLACE);

serversTest('an execution brings its rule, its rights and its secret parameters', async () => {
  await using world = await openWorld();
  const { sql } = world;
  const refs = { rule_ref: 'demo.rule', trigger_ref: 'core.timer' };
  const enforcement = await insert(sql, 'enforcement', {
    ...{ ...refs, payload: {}, status: 'created', condition: 'all', conditions: [], created: new Date() },
  });
  await insertAction(sql, 'demo.flow');
  const parent = await insertExecution(sql, 'demo.flow', {
    retry_count: 0,
    permission_set_refs: [],
    status: 'running',
  });
  const id = await insertExecution(sql, 'demo.echo', {
    ...{ enforcement, parent, executor: 1, permission_set_refs: ['standard', 'demo.reader'] },
    config: { user: 'ada', db: { password: SECRET_MARKER } },
    workflow_task: { task_name: 'first', timeout_seconds: 42 },
  });
  await insert(sql, 'execution_secret_value', {
    ...{ entity_type: 'execution_config', entity_id: id, json_path: '/db/password', source_kind: 'keystore' },
    ...{ encrypted_value: encrypted('hunter2'), encryption_key_hash: cipher.keyHash },
  });
  const claimed = await world.claimId(id);
  expect(claimed).toMatchObject({
    parameters: { user: 'ada', db: { password: 'hunter2' } },
    keysProblem: undefined,
    timeoutSeconds: 42,
  });
  expect(claimed.joined).toEqual({
    ...{ rule: 'demo.rule', trigger: 'core.timer', identity: '1', workflowRef: 'demo.flow', notes: [] },
    permissionSets: ['standard', 'demo.reader'],
    secrets: ['hunter2'],
  });
  const plain = await world.claim('demo.echo', { parent });
  expect(plain.joined).toEqual({
    ...{ rule: undefined, trigger: undefined, identity: undefined, workflowRef: undefined, notes: [] },
    ...{ permissionSets: [], secrets: [] },
  });
});

serversTest('a marker without its value is a problem, and the defaults of the schema are parameters', async () => {
  await using world = await openWorld();
  const { keysProblem } = await world.claim('demo.echo', { config: { password: SECRET_MARKER } });
  expect(keysProblem).toContain('its parameter /password was replaced by a marker');
  await insertAction(world.sql, 'demo.defaults', { param_schema: { size: { type: 'integer', default: 3 }, name: {} } });
  expect((await world.claim('demo.defaults', { config: { name: 'n', size: null } })).parameters).toEqual({
    name: 'n',
    size: 3,
  });
});

serversTest('keys are those of the system, the pack and the action, and the narrower owner wins', async () => {
  await using world = await openWorld();
  const { sql } = world;
  const [row] = await sql`SELECT a.id AS action, a.pack FROM action a WHERE a.ref = 'demo.echo'`;
  const owners = {
    system: {},
    pack: { owner_pack: row?.['pack'], owner_pack_ref: 'demo' },
    action: { owner_action: row?.['action'], owner_action_ref: 'demo.echo' },
  };
  const addKey = async (owner: keyof typeof owners, name: string, columns: Columns) =>
    await insert(sql, 'key', {
      ...{ ref: `${owner}.${name}`, owner_type: owner, name, encrypted: true, encryption_key_hash: null },
      ...{ ...owners[owner], ...columns },
    });
  for (const [n, owner] of (['action', 'system', 'pack'] as const).entries()) {
    const hash = [cipher.keyHash, sha256Of(Buffer.from(cipher.keyHash, 'hex')), null][n] ?? null;
    await addKey(owner, 'shared', { value: encrypted(`of the ${owner}`), encryption_key_hash: hash });
    await addKey(owner, `only_${owner}`, { value: { of: owner }, encrypted: false });
  }
  await addKey('system', 'foreign', { value: encrypted('x'), encryption_key_hash: 'f'.repeat(64) });
  const { keys, keysProblem, joined } = await world.claim('demo.echo');
  expect(keys).toEqual({
    ...{ shared: 'of the action', only_system: { of: 'system' } },
    ...{ only_pack: { of: 'pack' }, only_action: { of: 'action' } },
  });
  expect(keysProblem).toBeUndefined();
  expect(joined?.notes).toEqual([expect.stringContaining('key system.foreign was encrypted with another key')]);
});

serversTest('runtimes are known by any of their names, and code in an entry point is code', async () => {
  await using world = await openWorld();
  const { sql } = world;
  await insert(sql, 'runtime', {
    ...{ ref: 'demo.house', name: 'House Python', aliases: ['house', 'python3'], distributions: {} },
    execution_config: { interpreter: { binary: 'python3' }, environment: { interpreter_path: null } },
    ...{ auto_detected: false, detection_config: {} },
  });
  await insertAction(sql, 'demo.house', { runtimeRef: 'demo.house', entrypoint: 'house.py' });
  await insertAction(sql, 'demo.program', { runtimeRef: 'core.native', entrypoint: 'program' });
  await insertAction(sql, 'demo.inline', { entrypoint: 'echo "hi"', is_adhoc: true });
  await insertAction(sql, 'demo.plain', { runtimeRef: null, entrypoint: 'plain.rb' });
  const runtimeOf = async (ref: string): Promise<unknown> => (await world.claim(ref)).action?.runtime;
  expect(await runtimeOf('demo.echo')).toBe('Shell');
  expect(await runtimeOf('demo.house')).toBe('python3');
  expect(await runtimeOf('demo.program')).toBe('Native');
  expect(await runtimeOf('demo.plain')).toBe('ruby');
  expect((await world.claim('demo.inline')).action?.script).toMatchObject({ orCode: 'echo "hi"' });
});

serversTest("secret results are kept as Attune's own workers keep them", async () => {
  await using world = await openWorld();
  const claimed = await world.claim('demo.echo');
  const secrets = [{ path: '/data/a~1b/token', value: { deep: 'secret' } }];
  await world.settle(claimed, {
    verdict: { kind: 'final', status: 'completed', result: { succeeded: true }, secrets },
  });
  const [row, ...others] = await world.sql`SELECT * FROM execution_secret_value WHERE entity_type = 'execution_result'`;
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    ...{ entity_id: claimed.execution, json_path: '/data/a~1b/token', source_kind: 'parameter_schema' },
    ...{ source_ref: '/a~1b/token', encryption_key_hash: cipher.keyHash },
  });
  expect(JSON.parse(cipher.decrypt(row?.['encrypted_value'], PLACE))).toEqual({ deep: 'secret' });
});

serversTest('logs become versions of artifacts, with files, sizes and the retention of their action', async () => {
  await using world = await openWorld();
  const { sql, directory } = world;
  const first = await world.claim('demo.echo');
  await world.writeLog(first.execution, 'stdout', 'one\n');
  await world.settle(first, { logs: ['stdout'] });
  await sql`UPDATE action SET log_retention_policy = 'versions', log_retention_limit = 5 WHERE ref = 'demo.echo'`;
  const second = await world.claim('demo.echo');
  await world.writeLog(second.execution, 'stdout', 'twice\n');
  await world.writeLog(second.execution, 'stderr', 'why');
  await world.settle(second, { logs: ['stdout', 'stderr'] });

  const artifacts = await sql`
    SELECT ref, scope::text, owner, type::text, visibility::text, name, content_type, size_bytes::int, data,
      retention_policy::text, retention_limit FROM artifact ORDER BY ref`;
  const common = {
    ...{ scope: 'action', owner: 'demo.echo', type: 'file_text', visibility: 'private', content_type: 'text/plain' },
    ...{ data: null, retention_policy: 'versions', retention_limit: 5 },
  };
  expect([...artifacts]).toEqual([
    { ...common, ref: 'demo.echo.stderr.log', name: 'demo.echo stderr', size_bytes: 3 },
    { ...common, ref: 'demo.echo.stdout.log', name: 'demo.echo stdout', size_bytes: 6 },
  ]);
  const versions = await sql`
    SELECT a.ref, v.version, v.execution::int, v.content_type, v.content, v.size_bytes::int, v.file_path, v.meta, v.created_by
    FROM artifact_version v JOIN artifact a ON a.id = v.artifact ORDER BY a.ref, v.version`;
  const version = (log: string, { execution }: ClaimedExecution, bytes: number) => {
    const [stream = '', n = ''] = log.split(' ');
    return {
      ...{
        ref: `demo.echo.${stream}.log`,
        version: Number(n),
        execution: Number(execution),
        content_type: 'text/plain',
      },
      ...{ content: null, size_bytes: bytes, file_path: `demo/echo/${stream}/log/v${n}.txt`, created_by: 'worker' },
      meta: { stream, execution_id: Number(execution) },
    };
  };
  expect([...versions]).toEqual([
    version('stderr 1', second, 3),
    version('stdout 1', first, 4),
    version('stdout 2', second, 6),
  ]);
  const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
  expect(read('demo/echo/stdout/log/v1.txt')).toBe('one\n');
  expect(read(`execution_${second.execution}/stdout.log`)).toBe('twice\n');
  expect(read('demo/echo/stdout/log/v2.txt')).toBe('twice\n');
});

serversTest('files that an action has registered get their sizes, and those that it never wrote go', async () => {
  await using world = await openWorld();
  const { sql, directory } = world;
  const claimed = await world.claim('demo.echo');
  const artifact = await insert(sql, 'artifact', { ref: 'demo.report', type: 'file_text', ...artifactDefaults });
  const register = async (version: number, file_path: string, text?: string): Promise<void> => {
    await insert(sql, 'artifact_version', {
      ...{ artifact, version, file_path, execution: claimed.execution, created: new Date() },
    });
    const file = join(directory, file_path);
    if (text === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  await register(1, 'demo/report/v1.txt', 'written');
  await register(2, 'demo/report/v2.txt', '');
  await register(3, 'demo/report/v3.txt');
  await register(4, '../outside/v4.txt');
  await world.settle(claimed, { logs: [] });
  const versions = await sql`SELECT version, size_bytes::int FROM artifact_version ORDER BY version`;
  expect([...versions]).toEqual([
    { version: 1, size_bytes: 7 },
    { version: 4, size_bytes: null },
  ]);
  expect([...(await sql`SELECT size_bytes::int FROM artifact`)]).toEqual([{ size_bytes: 7 }]);
  expect(existsSync(join(directory, 'demo/report/v2.txt'))).toBe(false);
});

const artifactDefaults = {
  scope: 'system',
  owner: '',
  visibility: 'private',
  retention_policy: 'versions',
  retention_limit: 9,
};

serversTest('a claim that is lost registers nothing, and a settlement that comes twice registers once', async () => {
  await using world = await openWorld();
  const claimed = await world.claim('demo.echo');
  await world.writeLog(claimed.execution, 'stdout', 'text');
  const { execution, attempt } = claimed;
  const verdict = { kind: 'final', status: 'completed', result: {} } as const;
  const settlement = { ...world.session, execution, attempt, verdict, isJoined: true, logs: ['stdout' as const] };
  await world.store.settle([{ ...settlement, attempt: attempt + 1 }]);
  await world.store.settle([{ ...settlement, instance: crypto.randomUUID() }]);
  expect([...(await world.sql`SELECT FROM artifact_version`)]).toHaveLength(0);
  await Promise.all([world.store.settle([settlement]), world.store.settle([settlement])]);
  expect([...(await world.sql`SELECT FROM artifact_version`)]).toHaveLength(1);
});

serversTest('logs that the database refuses to register cost no result, which says why', async () => {
  await using world = await openWorld();
  const claimed = await world.claim('demo.echo');
  await world.writeLog(claimed.execution, 'stdout', 'text');
  await world.sql`ALTER TABLE artifact ADD CONSTRAINT none_at_all CHECK (ref = '')`;
  await world.settle(claimed, { logs: ['stdout'] });
  const [row] = await world.sql`SELECT status::text, result FROM execution WHERE id = ${claimed.execution}`;
  expect(row).toEqual({
    status: 'completed',
    result: { succeeded: true, artifact_errors: [expect.stringContaining('none_at_all')] },
  });
});
