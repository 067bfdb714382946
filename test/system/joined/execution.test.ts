/**
 * What an action sees and leaves when the static file is a worker of Attune's Rust control plane. One installation serves
 * all tests of the file.
 */
import { afterAll, beforeAll, expect } from 'bun:test';
import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createCiphers } from '#crypto/cipher.ts';
import { SECRET_MARKER } from '#domain/joined-execution.ts';
import { type Installation, startInstallation } from '#test/support/joined/installation.ts';
import { insert, insertAction } from '#test/support/joined/seed.ts';
import { serversTest } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const cipher = createCiphers('an-encryption-key-of-32-characters!').joined;
const PLACE = ['key', 'value'] as const;
let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
  await installation.startWorker('only', { SECRET_OF_THE_WORKER: 'not for actions' });
}, 300_000);
afterAll(async () => await installation[Symbol.asyncDispose](), 120_000);

function artifactPath(path: string): string {
  return join(installation.place.path, 'artifacts', path);
}

const logOf = (id: number, stream = 'stdout'): string =>
  readFileSync(artifactPath(`execution_${id}/${stream}.log`), 'utf8');

/** Runs an action to one of these ends. */
async function run(action: string, columns: Readonly<Record<string, unknown>> = {}, status = 'completed') {
  const id = await installation.executor.request(action, columns);
  const { result } = await installation.reaches(id, status);
  return { id, result };
}

async function addSecret(json_path: string, value: unknown, entity_id: number): Promise<void> {
  await insert(installation.sql, 'execution_secret_value', {
    ...{ entity_type: 'execution_config', entity_id, json_path, source_kind: 'workflow_parameter' },
    ...{ encrypted_value: cipher.encrypt(JSON.stringify(value), PLACE), encryption_key_hash: cipher.keyHash },
  });
}

serversTest('an action gets its token, its rule, its context and the shared directory', async () => {
  const { sql, addAction } = installation;
  await addAction(
    'env',
    'env | grep ^ATTUNE_ | sort; [ -z "$SECRET_OF_THE_WORKER" ] || exit 9; printf %s "$ATTUNE_API_TOKEN" >"$ATTUNE_ARTIFACTS_DIR/token"',
  );
  const enforcement = await insert(sql, 'enforcement', {
    ...{ rule_ref: 'demo.rule', trigger_ref: 'core.timer', payload: {}, status: 'created', condition: 'all' },
    ...{ conditions: [], created: new Date() },
  });
  const { id } = await run('demo.env', {
    ...{ enforcement, executor: 1, permission_set_refs: ['standard'] },
    config: { context: { user: 'ada', count: 3 } },
  });
  const text = logOf(id);
  for (const line of [
    ...['ATTUNE_ACTION=demo.env', 'ATTUNE_PACK_REF=demo', `ATTUNE_EXEC_ID=${id}`, 'ATTUNE_RULE=demo.rule'],
    ...['ATTUNE_TRIGGER=core.timer', 'ATTUNE_CONTEXT_USER=ada', 'ATTUNE_CONTEXT_COUNT=3', 'ATTUNE_API_TOKEN=***'],
    ...['ATTUNE_API_URL=http://127.0.0.1:8080', `ATTUNE_ARTIFACTS_DIR=${artifactPath('')}`.replace(/\/$/, '')],
    ...['ATTUNE_PARAMETER_DELIVERY=stdin', 'ATTUNE_PARAMETER_FORMAT=json'],
  ])
    expect(text).toContain(`${line}\n`);
  const [header = '', claims = '', signature] = readFileSync(artifactPath('token'), 'utf8').split('.');
  const secret = '0123456789abcdef0123456789abcdef';
  expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url'));
  const { iat, exp, ...others } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  expect(exp - iat).toBe(360);
  expect(others).toEqual({
    ...{ sub: '1', login: `execution:${id}`, token_type: 'execution', scope: 'execution' },
    metadata: {
      ...{ execution_id: id, action_ref: 'demo.env', permission_set_refs: ['standard'] },
      ...{ standard_access_action_refs: ['demo.env'], standard_access_pack_refs: ['demo'] },
    },
  });
  const without = await run('demo.env');
  expect(logOf(without.id)).not.toContain('ATTUNE_API_TOKEN');
  expect(logOf(without.id)).not.toContain('ATTUNE_RULE');
});

serversTest('secret parameters are restored and masked, and secret results are kept as markers', async () => {
  const { sql, executor, addAction } = installation;
  await addAction('secrets', 'cat >"$ATTUNE_ARTIFACTS_DIR/given"; echo \'{"user":"ada","token":"result-secret"}\'', {
    output_format: 'json',
    out_schema: { user: { type: 'string' }, token: { type: 'string', secret: true } },
  });
  executor.pause();
  const id = await executor.request('demo.secrets', { config: { db: { password: SECRET_MARKER } } });
  await addSecret('/db/password', 'hunter2-hunter2', id);
  executor.resume();
  const { result } = await installation.reaches(id, 'completed');
  expect(JSON.parse(readFileSync(artifactPath('given'), 'utf8'))).toEqual({ db: { password: 'hunter2-hunter2' } });
  expect(result).toMatchObject({ succeeded: true, exit_code: 0, data: { user: 'ada', token: SECRET_MARKER } });
  expect(logOf(id)).not.toContain('result-secret');
  const [kept] = await sql`SELECT * FROM execution_secret_value WHERE entity_type = 'execution_result'`;
  expect(kept).toMatchObject({ entity_id: String(id), json_path: '/data/token', source_ref: '/token' });
  expect(JSON.parse(cipher.decrypt(kept?.['encrypted_value'], PLACE))).toBe('result-secret');

  await addAction('started', 'touch "$ATTUNE_ARTIFACTS_DIR/started"');
  const failed = await run('demo.started', { config: { password: SECRET_MARKER } }, 'failed');
  expect(failed.result?.['error']).toContain(
    'Failed to prepare execution context: its parameter /password was replaced',
  );
  expect(existsSync(artifactPath('started'))).toBe(false);
});

serversTest('logs are files while an execution runs, and artifacts when it has ended', async () => {
  const { sql, executor, addAction } = installation;
  await addAction(
    'slow',
    'echo first; echo why >&2; while [ ! -e "$ATTUNE_ARTIFACTS_DIR/go" ]; do sleep 0.1; done; echo last',
  );
  const id = await executor.request('demo.slow');
  await until(
    'the log is there',
    () => existsSync(artifactPath(`execution_${id}/stdout.log`)) && logOf(id) === 'first\n',
  );
  expect((await installation.row(id)).status).toBe('running');
  installation.place.file('artifacts/go', '');
  const { result } = await installation.reaches(id, 'completed');
  expect(result).toMatchObject({ stdout: 'first\nlast\n', stderr_log: artifactPath(`execution_${id}/stderr.log`) });
  expect([logOf(id), logOf(id, 'stderr')]).toEqual(['first\nlast\n', 'why\n']);
  const versions = await sql<{ ref: string; file_path: string; size_bytes: number }[]>`
    SELECT a.ref, v.file_path, v.size_bytes::int FROM artifact_version v JOIN artifact a ON a.id = v.artifact
    WHERE v.execution = ${id} ORDER BY a.ref`;
  expect([...versions]).toEqual([
    { ref: 'demo.slow.stderr.log', file_path: 'demo/slow/stderr/log/v1.txt', size_bytes: 4 },
    { ref: 'demo.slow.stdout.log', file_path: 'demo/slow/stdout/log/v1.txt', size_bytes: 11 },
  ]);
  for (const { file_path, size_bytes } of versions) expect(statSync(artifactPath(file_path)).size).toBe(size_bytes);
});

serversTest('links that an action plants where logs will be are not followed', async () => {
  const { executor, addAction } = installation;
  using elsewhere = temporaryDirectory();
  const victim = elsewhere.file('victim', 'untouched');
  await addAction('hello', 'echo hello; echo error >&2');
  executor.pause();
  const id = await executor.request('demo.hello');
  mkdirSync(artifactPath(`execution_${id}`));
  symlinkSync(victim, artifactPath(`execution_${id}/stdout.log`));
  symlinkSync(elsewhere.path, artifactPath('demo/hello'));
  executor.resume();
  await installation.reaches(id, 'completed');
  expect(logOf(id)).toBe('hello\n');
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
  expect(existsSync(join(elsewhere.path, 'stdout'))).toBe(false);
  expect(readFileSync(artifactPath('demo/hello/stdout/log/v1.txt'), 'utf8')).toBe('hello\n');
});

serversTest(
  'programs run without an interpreter, and defaults, keys and queues are as the executor means them',
  async () => {
    const { sql, place, executor, addAction } = installation;
    const program = place.file('packs/demo/actions/program', '#!/bin/sh\ncat\n');
    chmodSync(program, 0o755);
    await insertAction(sql, 'demo.program', {
      ...{ runtimeRef: 'core.native', entrypoint: 'program', output_format: 'json' },
      param_schema: { size: { type: 'integer', default: 3 }, name: { type: 'string' } },
    });
    await insert(sql, 'key', {
      ...{
        ref: 'name',
        owner_type: 'system',
        name: 'name',
        encrypted: true,
        value: cipher.encrypt('"of the key"', PLACE),
      },
      ...{ encryption_key_hash: cipher.keyHash, created: new Date(), updated: new Date() },
    });
    const { result } = await run('demo.program', { config: { name: 'of the request' } });
    expect(result?.['data']).toEqual({ name: '***', size: 3 });
    await sql`DELETE FROM key`;

    const ack = { version: 1, items: [{ id: 7, status: 'completed' }] };
    await addAction('queue', `echo '${JSON.stringify({ queue_ack: ack })}'`, { output_format: 'json' });
    const { id } = await run('demo.queue');
    await until('the executor has read the acknowledgement', () => executor.queueAcks.has(id));
    expect(executor.queueAcks.get(id)).toEqual(ack);
  },
);

serversTest('code in an entry point gets its parameters as variables where its runtime says so', async () => {
  const { sql } = installation;
  const code = 'cat; echo "$PARAM_WHO_ELSE $who_else $list"; env | grep -c PARAM_ || true';
  await insertAction(sql, 'demo.inline', { entrypoint: code, is_adhoc: true });
  const config = { list: [1, { a: 2 }], who_else: "it's me" };
  const plain = await run('demo.inline', { config });
  expect(logOf(plain.id)).toBe(`${JSON.stringify(config)}\n  \n0\n`);
  const inline = { strategy: 'temp_file', extension: '.sh', inject_shell_helpers: true };
  await sql`UPDATE runtime SET execution_config = jsonb_set(execution_config, '{inline_execution}', ${JSON.stringify(inline)}::text::jsonb)
    WHERE ref = 'core.shell'`;
  const { id } = await run('demo.inline', { config });
  expect(logOf(id)).toBe('it\'s me it\'s me [1,{"a":2}]\n0\n');
});

serversTest('failures and time limits are described as the executor and the page read them', async () => {
  const { addAction } = installation;
  await addAction('fails', 'echo out; echo "it broke" >&2; exit 3');
  const failed = await run('demo.fails', {}, 'failed');
  expect(failed.result).toMatchObject({ succeeded: false, exit_code: 3, error: 'it broke', stdout: 'out\n' });
  await addAction('hangs', 'exec sleep 600');
  const late = await run(
    'demo.hangs',
    { workflow_task: { task_name: 't', timeout_seconds: 1, max_retries: 0 } },
    'timeout',
  );
  expect(late.result).toMatchObject({ exit_code: -1, error: 'Execution timed out after 1 seconds' });
});
