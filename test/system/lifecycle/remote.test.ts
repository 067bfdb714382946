/** Workers that know a server and a token, and neither a database nor a broker. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { isAlive as isProcessAlive, pidFrom, until } from '#test/support/until.ts';

let cluster: Cluster;
let server: AgentProcess;
let token: string;

const actions = {
  echo: { script: 'echo "attempt $ATTUNE_ATTEMPT"' },
  sleep: {
    yaml: 'max_retries: 2\nenv_vars: [PIDS, NAP]\n',
    script: 'echo $$ >"$PIDS.$ATTUNE_ATTEMPT"; echo begun; sleep "$NAP"; echo done',
  },
};

beforeAll(async () => {
  cluster = await startCluster({ actions });
  server = cluster.startServer();
  await cluster.answers();
  const env = { ATTUNE__DATABASE__URL: cluster.env['ATTUNE__DATABASE__URL'] ?? '' };
  token = callAgent(['token', 'create', '--name', 'workers', '--scope', 'worker'], { env }).stdout.trim();
}, 300_000);

afterAll(async () => await cluster[Symbol.asyncDispose](), 60_000);

interface RemoteWorker extends AsyncDisposable {
  readonly child: Bun.Subprocess;
}

function remoteWorker(name: string, env: Readonly<Record<string, string>> = {}): RemoteWorker {
  const child = Bun.spawn([agentFile, '--name', name], {
    env: {
      PATH: '/usr/bin:/bin',
      ATTUNE_API_URL: cluster.url,
      ATTUNE_API_TOKEN: token,
      ATTUNE_PACKS_DIR: cluster.packs.path,
      ATTUNE_WORKER_RUNTIMES: 'shell',
      ATTUNE__WORKER__HEARTBEAT_INTERVAL: '0.5',
      ATTUNE__WORKER__LABELS: `name=${name}`,
      ...env,
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child.exited;
  };
  return { child, [Symbol.asyncDispose]: end };
}

const isAlive = async (name: string): Promise<boolean> => {
  const rows = await cluster.sql`
    SELECT FROM worker WHERE name = ${name} AND status = 'active' AND last_heartbeat > now() - interval '2 seconds'`;
  return rows.length > 0;
};

test('it works, drains and leaves', async () => {
  const worker = remoteWorker('r-plain');
  await until('it is alive', () => isAlive('r-plain'));
  const id = await cluster.submit('echo');
  expect(await cluster.reaches(id, 'completed')).toMatchObject({ attempt: 1, result: { stdout: 'attempt 1\n' } });
  await worker[Symbol.asyncDispose]();
  expect([worker.child.exitCode, await isAlive('r-plain')]).toEqual([0, false]);
});

test('it has no packs either: the server sends what it needs', async () => {
  await using _ = remoteWorker('r-bare', { ATTUNE_PACKS_DIR: '/nonexistent', ATTUNE_WORK_DIR: cluster.packs.path });
  await until('it is alive', () => isAlive('r-bare'));
  const id = await cluster.submit('echo', {}, { worker_selector: { name: 'r-bare' } });
  expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ result: { stdout: 'attempt 1\n' } });
});

test('the server is killed while it runs and reports: the next server gets the result, once', async () => {
  await using _ = remoteWorker('r-server');
  await until('it is alive', () => isAlive('r-server'));
  const pids = join(cluster.packs.path, 'server');
  const id = await cluster.submit('sleep', {}, { env_vars: { PIDS: pids, NAP: '1' } });
  const pid = await pidFrom(`${pids}.1`);
  server.signal('SIGKILL');
  await server.ended;
  await until('the action ends while there is no server', () => !isProcessAlive(pid));
  server = cluster.startServer();
  await cluster.answers();
  expect(await cluster.reaches(id, 'completed')).toMatchObject({
    attempt: 1,
    retry_count: 0,
    result: { stdout: 'begun\ndone\n' },
  });
  const next = await cluster.submit('echo');
  await cluster.reaches(next, 'completed');
});

test('killed with -9 it is lost, and another worker runs the work again', async () => {
  const worker = remoteWorker('r-killed');
  await until('it is alive', () => isAlive('r-killed'));
  const pids = join(cluster.packs.path, 'killed');
  const id = await cluster.submit('sleep', {}, { env_vars: { PIDS: pids, NAP: '1' } });
  await pidFrom(`${pids}.1`);
  worker.child.kill('SIGKILL');
  cluster.startWorker('w-other');
  expect(await cluster.reaches(id, 'completed')).toMatchObject({
    attempt: 2,
    retry_reason: expect.stringContaining('r-killed was lost'),
  });
});

test('a token without the scope is refused at the start, with what to do', async () => {
  const env = { ATTUNE__DATABASE__URL: cluster.env['ATTUNE__DATABASE__URL'] ?? '' };
  const reader = callAgent(['token', 'create', '--name', 'reader', '--scope', 'read'], { env }).stdout.trim();
  const refused = callAgent(['--name', 'r-refused'], {
    env: {
      PATH: '/usr/bin:/bin',
      ATTUNE_API_URL: cluster.url,
      ATTUNE_API_TOKEN: reader,
      ATTUNE_WORKER_RUNTIMES: 'shell',
    },
  });
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("has no scope 'worker'")]);
});
