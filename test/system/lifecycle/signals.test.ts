/** What signals do to the static file, as a command that runs one script, as a worker, a server, and as both at once. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest } from '#test/support/servers-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const PATH = '/usr/bin:/bin';
/** They tell a process things that the agent does not want to be told. */
const meaningless = ['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

/** Runs a script that says its pid, goes on until `go` is there, and says how it ended. */
async function running(directory: TemporaryDirectory, env: Readonly<Record<string, string>> = {}) {
  const at = (name: string): string => join(directory.path, name);
  const script = directory.file(
    'long.sh',
    `trap 'echo stopped >${at('end')}; exit 0' TERM\necho $$ >${at('pid')}\nwhile [ ! -e ${at('go')} ]; do sleep 0.05; done\necho done >${at('end')}\n`,
  );
  const child = Bun.spawn([agentFile, 'run', script], {
    env: { PATH, ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  return { child, pid: await pidFrom(at('pid')), end: () => readFileSync(at('end'), 'utf8') };
}

for (const supervised of ['0', '1']) {
  for (const [signal, exitCode] of [['SIGHUP', 129] as const, ['SIGQUIT', 131] as const])
    test(`${signal} to run ends its script, as SIGTERM does (ATTUNE_SUPERVISE=${supervised})`, async () => {
      using directory = temporaryDirectory();
      const { child, pid, end } = await running(directory, { ATTUNE_SUPERVISE: supervised });
      child.kill(signal);
      expect(await child.exited).toBe(exitCode);
      expect([end(), isAlive(pid)]).toEqual(['stopped\n', false]);
    }, 60_000);

  test(`SIGUSR1, SIGUSR2 and SIGALRM to run change nothing (ATTUNE_SUPERVISE=${supervised})`, async () => {
    using directory = temporaryDirectory();
    const { child, end } = await running(directory, { ATTUNE_SUPERVISE: supervised });
    for (const signal of [...meaningless, ...meaningless]) child.kill(signal);
    directory.file('go', '');
    expect(await child.exited).toBe(0);
    expect(end()).toBe('done\n');
  }, 30_000);
}

test('started by nohup, run outlives SIGHUP', async () => {
  using directory = temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const script = directory.file(
    'long.sh',
    `echo $$ >${at('pid')}\nwhile [ ! -e ${at('go')} ]; do sleep 0.05; done\necho done >${at('end')}\n`,
  );
  const child = Bun.spawn(['nohup', agentFile, 'run', script], {
    env: { PATH },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  await pidFrom(at('pid'));
  child.kill('SIGHUP');
  directory.file('go', '');
  expect([await child.exited, readFileSync(at('end'), 'utf8')]).toEqual([0, 'done\n']);
}, 120_000);

test('actions start with no signal ignored or blocked', () => {
  using directory = temporaryDirectory();
  const script = directory.file('a.sh', 'grep -E "^Sig(Ign|Blk)" /proc/self/status\n');
  /* As make does, whose posix_spawn leaves signals ignored. */
  const makefile = directory.file('Makefile', `all:\n\t@trap '' HUP INT USR1; ${agentFile} run ${script}\n`);
  for (const command of [
    [agentFile, 'run', script],
    ['make', '--silent', '--file', makefile],
  ]) {
    const { stdout } = call(command, { env: { PATH } });
    expect(stdout).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\n$/);
  }
});

/** Whether a process has come so far that it handles SIGUSR1. */
function handlesUserSignals(pid: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & (1n << 9n)) !== 0n;
}

test('SIGUSR1 at any moment of a start ends nothing, and opens no inspector', async () => {
  const child = Bun.spawn([agentFile, 'doctor'], { env: { PATH }, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  let signals = 0;
  await until('it handles SIGUSR1', () => handlesUserSignals(child.pid));
  await until('it has ended', () => {
    child.kill('SIGUSR1');
    signals++;
    return child.exitCode !== null || child.signalCode !== null;
  });
  expect([child.signalCode, child.exitCode]).toEqual([null, expect.any(Number)]);
  expect(signals).toBeGreaterThan(1);
  expect(await new Response(child.stderr).text()).not.toMatch(/inspect|debugger/i);
}, 120_000);

test('SIGUSR1 and SIGUSR2 leave a standalone as it is; SIGHUP lets it drain', async () => {
  using directory = temporaryDirectory();
  directory.file('packs/slow/pack.yaml', 'ref: slow\nversion: 1.0.0\n');
  directory.file('packs/slow/actions/nap.yaml', 'entry_point: nap.sh\n');
  directory.file(
    'packs/slow/actions/nap.sh',
    `echo $$ >${directory.path}/pid; while [ ! -e ${directory.path}/go ]; do sleep 0.05; done; echo woke >${directory.path}/woke\n`,
  );
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
  });
  for (const signal of meaningless) whole.child.kill(signal);
  const body = JSON.stringify({ action_ref: 'slow.nap' });
  expect((await whole.api('executions', { method: 'POST', body })).ok).toBe(true);
  await pidFrom(join(directory.path, 'pid'));
  whole.child.kill('SIGHUP');
  await until('it says that it drains', async () => (await readiness(whole.url)).includes('503 draining'));
  directory.file('go', '');
  expect(await whole.child.exited).toBe(0);
  expect(existsSync(join(directory.path, 'woke'))).toBe(true);
}, 120_000);

let cluster: Cluster;
beforeAll(async () => {
  const script = 'eval "$(cat)"; echo $$ >"$pids"; while [ ! -e "$pids.go" ]; do sleep 0.05; done; echo woke';
  cluster = await startCluster({ actions: { nap: { yaml: 'parameter_format: dotenv\n', script } } });
}, 120_000);
afterAll(async () => await cluster[Symbol.asyncDispose]());

serversTest('a worker and a server: SIGUSR1 and SIGUSR2 change nothing, SIGHUP drains', async () => {
  const server = cluster.startServer();
  await cluster.answers();
  const worker = cluster.startWorker('hangs-up');
  const pids = join(cluster.packs.path, 'pids');
  const id = await cluster.submit('life.nap', { pids });
  await pidFrom(pids);
  for (const one of [worker, server]) for (const signal of meaningless) one.signal(signal);
  worker.signal('SIGHUP');
  await until('the worker drains', () => /drain|stopping/i.test(worker.said()));
  cluster.packs.file('pids.go', '');
  expect(await worker.ended).toBe(0);
  expect((await cluster.reaches(id, 'completed', 'failed', 'timeout')).status).toBe('completed');
  server.signal('SIGHUP');
  expect(await server.ended).toBe(0);
});

serversTest(
  'a server that is told to stop says so and still answers, until its time is over or a second signal comes',
  async () => {
    const server = cluster.startServer({ ATTUNE__SERVER__DRAIN_TIME: '600' });
    await cluster.answers();
    server.signal('SIGTERM');
    await until('it says that it drains', async () => (await readiness(cluster.url)) === '503 draining');
    expect((await cluster.api('executions')).status).toBe(200);
    expect((await fetch(`${cluster.url}/healthz`)).status).toBe(200);
    server.signal('SIGTERM');
    await server.ended;
  },
);

/** The status and the words of /readyz. */
async function readiness(url: string): Promise<string> {
  const answer = await fetch(`${url}/readyz`);
  const { words } = (await answer.json()) as { words: readonly string[] };
  return [answer.status, ...words].join(' ');
}
