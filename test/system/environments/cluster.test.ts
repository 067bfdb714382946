/** Environments, packs, keys and artifacts between real servers and workers. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const SECRET = '5e'.repeat(32);
let cluster: Cluster;
let scratch: TemporaryDirectory;

const counted = (name: string, install: string): Readonly<Record<string, string>> => ({
  'pack.yaml': `ref: ${name}\nversion: 1.0.0\n`,
  'deps.txt': 'one\n',
  'runtimes/shell.yaml': JSON.stringify({
    name: 'shell',
    execution_config: {
      dependencies: {
        manifest_file: 'deps.txt',
        install_command: [
          '/bin/sh',
          '-c',
          `mkdir -p "$1"; echo x >>${scratch.path}/${name}; ${install}`,
          'sh',
          '{env_dir}',
        ],
      },
      env_vars: { MADE: '{env_dir}' },
    },
  }),
  'actions/show.yaml': 'entry_point: show.sh\nmax_retries: 3\n',
  'actions/show.sh': 'cat "$MADE/made"\n',
});

function writePack(directory: string, name: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, name, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
}

const installs = (name: string): number => {
  const file = join(scratch.path, name);
  return existsSync(file) ? readFileSync(file, 'utf8').length / 2 : 0;
};

beforeAll(async () => {
  scratch = temporaryDirectory();
  cluster = await startCluster({
    actions: {
      reveal: {
        yaml: 'output_format: json\nenv_vars: [SEEN]\nparameters:\n  password: { type: string, secret: true, required: true }\n  user: { type: string, required: true }\noutput:\n  token: { type: string, secret: true }\n  user: { type: string }\n',
        script: 'cat >"$SEEN"; printf \'{"token":"t0psecret","user":"ada"}\'\n',
      },
      leave: {
        yaml: 'env_vars: [CODE]\n',
        script:
          'mkdir -p "$ATTUNE_ARTIFACTS_DIR/deep"; printf "run $ATTUNE_EXEC_ID" >"$ATTUNE_ARTIFACTS_DIR/report.txt"; head -c 3000000 /dev/zero >"$ATTUNE_ARTIFACTS_DIR/deep/big.bin"; ln -s /etc/passwd "$ATTUNE_ARTIFACTS_DIR/link"; exit "$(printenv CODE || echo 0)"\n',
      },
      litter: { script: 'for i in 1 2 3 4 5; do head -c 400 /dev/zero >"$ATTUNE_ARTIFACTS_DIR/$i"; done\n' },
    },
  });
  for (const name of ['slow', 'cancelled'])
    writePack(cluster.packs.path, name, counted(name, 'sleep 4; echo whole >"$1/made"'));
  writePack(cluster.packs.path, 'broken', counted('broken', 'echo "Error: nowhere to be found" >&2; exit 1'));
  const more = {
    ATTUNE__SECURITY__ENCRYPTION_KEY: SECRET,
    ATTUNE__ARTIFACTS__DIRECTORY: join(scratch.path, 'artifacts'),
  };
  cluster.startServer(more);
  await cluster.answers();
}, 300_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
}, 120_000);

/** What is undefined in `more` is not set. */
function worker(name: string, more: Readonly<Record<string, string | undefined>> = {}): AgentProcess {
  const env: Record<string, string | undefined> = {
    ATTUNE_RUNTIME_ENVS_DIR: join(scratch.path, 'environments'),
    ATTUNE__SECURITY__ENCRYPTION_KEY: SECRET,
    ATTUNE__ARTIFACTS__DIRECTORY: join(scratch.path, 'artifacts'),
    ATTUNE__WORKER__LABELS: `name=${name}`,
    ...more,
  };
  const set = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return cluster.startWorker(name, Object.fromEntries(set));
}

async function json<Answer>(path: string): Promise<Answer> {
  return (await (await cluster.api(path)).json()) as Answer;
}
const at = (name: string, more: object = {}) => ({ worker_selector: { name }, ...more });

test('a worker that is killed while it installs leaves nothing that another uses', async () => {
  const first = worker('k1');
  const id = await cluster.submit('slow.show', {}, at('k1'));
  await until('it installs', () => installs('slow') === 1);
  first.signal('SIGKILL');
  await using _ = worker('k2', { ATTUNE__WORKER__LABELS: 'name=k1' });
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({
    status: 'completed',
    result: { stdout: 'whole\n' },
  });
  expect(installs('slow')).toBe(2);
  expect(readdirSync(join(scratch.path, 'environments/slow'))).toHaveLength(2);
  const { environments } = await json<{ environments: unknown[] }>('environments');
  expect(environments).toContainEqual(
    expect.objectContaining({ pack_ref: 'slow', runtime_ref: 'core.shell', status: 'ready' }),
  );
});

test('an execution that is cancelled while it installs ends at once, and the next one installs', async () => {
  await using _ = worker('c1');
  const id = await cluster.submit('cancelled.show', {}, at('c1'));
  await until('it installs', () => installs('cancelled') === 1);
  await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
  expect(await cluster.reaches(id, 'cancelled', 'completed')).toMatchObject({ status: 'cancelled' });
  const next = await cluster.submit('cancelled.show', {}, at('c1'));
  expect(await cluster.reaches(next, 'completed', 'failed')).toMatchObject({ status: 'completed' });
  expect(installs('cancelled')).toBe(2);
});

test('a failed install is shown, with its reason in the log and in the list', async () => {
  await using _ = worker('b1');
  const id = await cluster.submit('broken.show', {}, at('b1', { max_retries: 0 }));
  const ended = await cluster.reaches(id, 'completed', 'failed');
  expect(ended.result?.['error']).toBe(
    'not started: custom failed for deps.txt of pack broken: Error: nowhere to be found',
  );
  const log = await (await cluster.api(`executions/${id}/logs/stderr`)).text();
  expect(log).toMatch(
    /^\[attune\] making the custom environment of pack broken \(deps\.txt\)\n\[attune\] \$ .*\nError: nowhere/s,
  );
  const { environments } = await json<{ environments: unknown[] }>('environments');
  expect(environments).toContainEqual(
    expect.objectContaining({
      pack_ref: 'broken',
      status: 'failed',
      install_error: expect.stringContaining('nowhere to be found'),
    }),
  );
  const env = { ATTUNE_API_URL: cluster.url, ATTUNE_API_TOKEN: cluster.token, HOME: scratch.path };
  const shown = call([agentFile, 'environments', 'status', '-o', 'wide'], { env });
  expect(shown.stdout).toMatch(
    /^PACK +ENVIRONMENT +STATUS +WORKER +UPDATED +ERROR\n(.*\n)*broken +shell-\S+ +failed .*nowhere to be found/,
  );
});

test('ahead of time: at the start of the worker, and when a pack is registered', async () => {
  const elsewhere = temporaryDirectory();
  writePack(elsewhere.path, 'early', counted('early', 'echo early >"$1/made"'));
  await using _ = worker('a1', {
    ATTUNE__ENVIRONMENTS__PREPARE: 'ahead',
    ATTUNE_RUNTIME_ENVS_DIR: join(scratch.path, 'ahead'),
  });
  await until('those that are there are built', () => installs('slow') === 3);
  const body = JSON.stringify({ directory: join(elsewhere.path, 'early') });
  expect((await cluster.api('packs', { method: 'POST', body })).status).toBe(201);
  await until('the new one is built', () => installs('early') === 1);
  const id = await cluster.submit('early.show', {}, at('a1'));
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ result: { stdout: 'early\n' } });
  expect(installs('early')).toBe(1);
  elsewhere[Symbol.dispose]();
});

test('a worker without the packs fetches them, checked and cached; what was altered on the way is refused', async () => {
  await using _ = worker('f1', {
    ATTUNE_PACKS_DIR: join(scratch.path, 'no-packs'),
    ATTUNE_API_URL: cluster.url,
    ATTUNE_API_TOKEN: cluster.token,
    ATTUNE_WORK_DIR: scratch.path,
  });
  const once = async () => cluster.reaches(await cluster.submit('litter', {}, at('f1')), 'completed', 'failed');
  expect(await once()).toMatchObject({ status: 'completed' });
  expect(await once()).toMatchObject({ status: 'completed' });
  const cache = readdirSync(scratch.path).find((name) => name.startsWith('attune-cache-')) ?? '';
  const packs = join(scratch.path, cache, 'packs');
  expect(readdirSync(packs).filter((name) => name.startsWith('life-'))).toHaveLength(1);
  rmSync(packs, { recursive: true });
  cluster.packs.file('life/actions/litter.sh', 'echo altered\n');
  const altered = await once();
  expect(altered.result?.['error']).toMatch(
    /^not started: pack life: its archive has the checksum [0-9a-f]{64}, and [0-9a-f]{64} was registered/,
  );
  expect(readdirSync(packs)).toEqual([]);
});

test('a worker takes archives from a directory, and refuses one that leads out of it', async () => {
  const archives = join(scratch.path, 'archives');
  mkdirSync(archives);
  const archive = Buffer.from(await (await cluster.api('packs/slow/archive')).arrayBuffer());
  writeFileSync(join(archives, 'slow.tar.gz'), archive);
  await using _ = worker('d1', {
    ATTUNE_PACKS_DIR: join(scratch.path, 'none'),
    ATTUNE_PACK_ARCHIVES: archives,
    ATTUNE_WORK_DIR: archives,
  });
  const id = await cluster.submit('slow.show', {}, at('d1'));
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({
    status: 'completed',
    result: { stdout: 'whole\n' },
  });
  scratch.file('evil', 'x');
  const made = call([
    'tar',
    '-czf',
    `${archives}/broken.tar.gz`,
    '--transform',
    's,^,../../,',
    '-C',
    scratch.path,
    'evil',
  ]);
  expect(made.exitCode).toBe(0);
  const refused = await cluster.reaches(
    await cluster.submit('broken.show', {}, at('d1', { max_retries: 0 })),
    'failed',
    'completed',
  );
  expect(refused.result?.['error']).toContain("'../../evil' leads out of the pack");
  const absent = await cluster.reaches(
    await cluster.submit('cancelled.show', {}, at('d1', { max_retries: 0 })),
    'failed',
    'completed',
  );
  expect(absent.result?.['error']).toMatch(/pack cancelled cannot be fetched: .*no such file or directory/);
});

test('a key stands in for a secret parameter, and a secret output is stored apart', async () => {
  const seen = join(scratch.path, 'seen');
  await using _ = worker('s1');
  const submit = (parameters: object): Promise<Response> =>
    cluster.api('executions', {
      method: 'POST',
      body: JSON.stringify({ action_ref: 'life.reveal', parameters, env_vars: { SEEN: seen }, ...at('s1') }),
    });
  expect(((await (await submit({ user: 'ada' })).json()) as { detail: string }).detail).toContain(
    "'password' is required",
  );
  const key = (name: string, owner: object, value: unknown): Promise<Response> =>
    cluster.api('keys', { method: 'POST', body: JSON.stringify({ name, value, ...owner }) });
  await key('password', {}, 'of the system');
  await key('unasked', {}, 'never to be seen');
  await key('region', { owner_type: 'pack', owner: 'life' }, { name: 'eu' });
  const { id } = (await (await submit({ user: 'ada' })).json()) as { id: number };
  const ended = await cluster.reaches(id, 'completed', 'failed');
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toEqual({
    user: 'ada',
    password: 'of the system',
    region: { name: 'eu' },
  });
  expect(ended).toMatchObject({
    status: 'completed',
    result: { succeeded: true, data: { token: '********', user: 'ada' } },
  });
  expect(JSON.stringify(ended)).not.toContain('t0psecret');
  expect(await json<unknown>(`executions/${id}/secrets`)).toEqual({
    secrets: [{ path: 'token', value: 't0psecret' }],
    parameters: { user: 'ada' },
  });
  const [row] = await cluster.sql`SELECT value::text FROM execution_secret_value WHERE execution = ${id}`;
  expect(row?.['value']).not.toContain('t0psecret');
  const given = (await (await submit({ user: 'ada', password: 'given' })).json()) as { id: number };
  await cluster.reaches(given.id, 'completed');
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({ password: 'given' });
  expect(await json<unknown>(`executions/${given.id}/secrets`)).toMatchObject({
    parameters: { user: 'ada', password: 'given' },
  });
  const [stored] = await cluster.sql`
    SELECT config, encrypted_config, (SELECT json_agg(o.message)::text FROM outbox o) AS messages
    FROM execution WHERE id = ${given.id}`;
  expect(stored?.['config']).toEqual({ user: 'ada', password: '********' });
  expect(JSON.stringify(stored)).not.toContain('given');
  const again = (await (await cluster.api(`executions/${given.id}/rerun`, { method: 'POST' })).json()) as {
    id: number;
    parameters: unknown;
  };
  expect(again.parameters).toEqual({ user: 'ada', password: '********' });
  await cluster.reaches(again.id, 'completed');
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({ password: 'given' });
  await until('who has looked at secrets is recorded', async () => {
    const { entries } = await json<{ entries: { action: string; subject: string }[] }>('audit');
    return entries.some(
      ({ action, subject }) => action === `GET /executions/${id}/secrets` && subject === `execution ${id}`,
    );
  });
});

test('a worker with another encryption key does not run what needs a key', async () => {
  await using _ = worker('s2', { ATTUNE__SECURITY__ENCRYPTION_KEY: 'quite another secret' });
  const id = await cluster.submit('reveal', { user: 'ada', password: 'x' }, at('s2'));
  const ended = await cluster.reaches(id, 'completed', 'failed');
  expect(ended.result?.['error']).toContain('was encrypted with another key: set ATTUNE__SECURITY__ENCRYPTION_KEY');
});

test('files that an execution leaves become artifacts: versioned, listed, downloaded whole and by ranges', async () => {
  await using _ = worker('p1');
  const first = await cluster.submit('leave', {}, at('p1'));
  const ended = await cluster.reaches(first, 'completed', 'failed');
  expect(ended.result?.['artifacts']).toMatchObject([
    { name: 'deep/big.bin', bytes: 3_000_000 },
    { name: 'report.txt', bytes: `run ${first}`.length },
  ]);
  const second = await cluster.submit('leave', {}, at('p1', { env_vars: { CODE: '3' } }));
  expect(await cluster.reaches(second, 'completed', 'failed')).toMatchObject({ status: 'failed' });
  const { artifacts } = await json<{
    artifacts: { id: number; version: number; execution: number; checksum: string }[];
  }>('artifacts?ref=life.leave/report.txt');
  expect(artifacts.map((one) => [one.version, one.execution])).toEqual([
    [2, second],
    [1, first],
  ]);
  const [newest] = artifacts;
  const whole = await cluster.api(`artifacts/${newest?.id}/content`);
  const text = await whole.text();
  expect([text, whole.headers.get('etag')]).toEqual([
    `run ${second}`,
    `"${createHash('sha256').update(text).digest('hex')}"`,
  ]);
  const part = await cluster.api(`artifacts/${newest?.id}/content`, { headers: { range: 'bytes=0-2' } });
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
    206,
    'run',
    `bytes 0-2/${text.length}`,
  ]);
  expect((await cluster.api('artifacts/999999/content')).status).toBe(404);
  const env = { ATTUNE_API_URL: cluster.url, ATTUNE_API_TOKEN: cluster.token, HOME: scratch.path };
  const target = join(scratch.path, 'downloads');
  const downloaded = call([agentFile, 'artifacts', String(first), '--download', target], { env });
  expect(downloaded).toMatchObject({ exitCode: 0, stderr: '' });
  expect([readFileSync(join(target, 'report.txt'), 'utf8'), readFileSync(join(target, 'deep/big.bin')).length]).toEqual(
    [`run ${first}`, 3_000_000],
  );
  expect(call([agentFile, 'artifacts', '-o', 'wide'], { env }).stdout).toMatch(
    /^ID +EXECUTION +ARTIFACT +VERSION +BYTES +CREATED\n\d+ +\d+ +life\.leave\//,
  );
});

test('artifacts are bounded in number and size, and what is not kept is named', async () => {
  cluster.packs.file(
    'life/actions/litter.sh',
    'for i in 1 2 3 4 5; do head -c 400 /dev/zero >"$ATTUNE_ARTIFACTS_DIR/$i"; done\n',
  );
  const litter = async (env: Readonly<Record<string, string>>) => {
    await using _ = worker('l1', env);
    return (await cluster.reaches(await cluster.submit('litter', {}, at('l1')), 'completed', 'failed')).result;
  };
  expect(await litter({ ATTUNE__ARTIFACTS__MAX_FILES: '3' })).toMatchObject({
    artifacts: [{ name: '1' }, { name: '2' }, { name: '3' }],
    artifact_errors: [
      'artifact 4 was not stored: 3 files are kept (artifacts.max_files)',
      expect.stringContaining('artifact 5'),
    ],
  });
  expect(await litter({ ATTUNE__ARTIFACTS__MAX_BYTES: '1000' })).toMatchObject({
    artifacts: [{ name: '1' }, { name: '2' }],
    artifact_errors: [
      expect.stringContaining('1000 bytes are kept (artifacts.max_bytes)'),
      expect.anything(),
      expect.anything(),
    ],
  });
});

test('a worker that shares no directory with the server sends its artifacts to it', async () => {
  await using _ = worker('r2', {
    ATTUNE__ARTIFACTS__DIRECTORY: undefined,
    ATTUNE_API_URL: cluster.url,
    ATTUNE_API_TOKEN: cluster.token,
  });
  const id = await cluster.submit('leave', {}, at('r2'));
  const ended = await cluster.reaches(id, 'completed', 'failed');
  expect(ended.result).toMatchObject({ artifacts: [{ name: 'deep/big.bin' }, { name: 'report.txt' }] });
  const { artifacts } = await json<{ artifacts: { id: number; name: string }[] }>(`artifacts?execution=${id}`);
  const report = artifacts.find((one) => one.name === 'report.txt');
  expect(await (await cluster.api(`artifacts/${report?.id}/content`)).text()).toBe(`run ${id}`);
});
