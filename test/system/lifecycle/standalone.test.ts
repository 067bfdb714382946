/** The static file as a whole Attune in one process. */
import { expect, test } from 'bun:test';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { agentFile, callAgent, faultyFile } from '#test/support/agent.ts';
import { isRoot, rootTest } from '#test/support/root-test.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const submit = ({ url, token = '' }: Standalone, ...args: readonly string[]) =>
  callAgent(['submit', ...args, '--api-url', url], { env: { ATTUNE_API_TOKEN: token } });

function slowPack(directory: TemporaryDirectory, seconds = 1): string {
  directory.file('packs/slow/pack.yaml', 'ref: slow\nversion: 1.0.0\n');
  directory.file('packs/slow/actions/nap.yaml', 'entry_point: nap.sh\nmax_retries: 3\n');
  directory.file(
    'packs/slow/actions/nap.sh',
    `echo $$ >${directory.path}/pid.$ATTUNE_ATTEMPT; sleep ${seconds}; echo "woke at attempt $ATTUNE_ATTEMPT"`,
  );
  return join(directory.path, 'packs');
}

test('it says what it found, where it listens and how to submit; submit shows log and result', async () => {
  using directory = temporaryDirectory();
  await using whole = await standalone(join(directory.path, 'data'));
  expect(whole.greeting).toMatch(/Runtimes {2}shell [\d.]+, python 3/);
  expect(whole.greeting).toContain(`${agentFile} submit sample.`);
  const done = submit(whole, 'sample.stats', '-p', 'values=[1,2,3]');
  expect([done.exitCode, JSON.parse(done.stdout)]).toMatchObject([0, { mean: 2 }]);
  expect(done.stderr).toContain('✔ sample.stats completed (execution 1)');
  const wrong = submit(whole, 'sample.stats', '-p', 'values=x');
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("parameter 'values'")]);
  whole.child.kill('SIGTERM');
  expect(await whole.child.exited).toBe(0);
});

test('an action that is edited or added works at once, also by a relative path', async () => {
  using directory = temporaryDirectory();
  directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: relative(process.cwd(), join(directory.path, 'packs')),
  });
  expect(submit(whole, 'mine.hello').exitCode).toBe(2);
  directory.file('packs/mine/actions/hello.yaml', 'entry_point: hello.sh\n');
  directory.file('packs/mine/actions/hello.sh', 'echo hello');
  expect(submit(whole, 'mine.hello')).toMatchObject({ exitCode: 0, stdout: 'hello\n' });
  directory.file('packs/mine/actions/hello.yaml', 'entry_point: hello.sh\noutput_format: jsno\n');
  const why = /mine\.hello could not be loaded: .*hello\.yaml:2:16: output_format: 'jsno' is none of text, json/;
  expect(submit(whole, 'mine.hello')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(why) });
  const list = (...args: readonly string[]) =>
    callAgent(['packs', ...args, '--api-url', whole.url], { env: { ATTUNE_API_TOKEN: whole.token ?? '' } });
  const broken = /^BROKEN +PROBLEM\nmine\.hello +.*hello\.yaml:2:16: output_format: 'jsno' is none of text, json/m;
  for (const args of [['list'], ['show', 'mine']]) {
    expect(list(...args, '-o', 'wide')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(broken) });
    const narrow = list(...args).stdout.split('\n');
    expect(narrow.filter((line) => line.length > 80)).toEqual([]);
    expect(narrow).toContainEqual(expect.stringMatching(/^BROKEN +PROBLEM$/));
  }
});

test('a pack that was installed is removed, one that is edited stays', async () => {
  using directory = temporaryDirectory();
  directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
  directory.file('sent/pack.yaml', 'ref: sent\nversion: 1.0.0\n');
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
  });
  const env = { ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN: whole.token ?? '' };
  const packs = (...args: readonly string[]) => callAgent(['packs', ...args], { env });
  expect(packs('install', join(directory.path, 'sent')).exitCode).toBe(0);
  expect(packs('remove', 'sent')).toMatchObject({ exitCode: 0, stdout: 'removed pack sent\n' });
  expect(packs('remove', 'sent')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no pack 'sent'") });
  expect(packs('remove', 'mine')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is served from') });
  expect(packs('list').stdout).not.toContain('sent');
});

test('killed with -9 in the middle it loses nothing: the next start goes on', async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const env = {
    ATTUNE_PACKS_DIR: slowPack(directory),
    ATTUNE__WORKER__HEARTBEAT_INTERVAL: '0.3',
    ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '1',
  };
  const first = await standalone(data, env);
  const ids = ['', ''].map(() => Number(submit(first, 'slow.nap', '--detach').stdout));
  const pid = await pidFrom(join(directory.path, 'pid.1'));
  await first[Symbol.asyncDispose]();
  await using second = await standalone(data, env, { token: first.token });
  const read = async (id: number) =>
    (await (await second.api(`executions/${id}`)).json()) as {
      status: string;
      attempt: number;
      retry_reason: string | null;
    };
  for (const id of ids) await until(`execution ${id} completes`, async () => (await read(id)).status === 'completed');
  expect(await read(ids[0] ?? 0)).toMatchObject({
    attempt: 2,
    retry_reason: expect.stringContaining('was lost during attempt 1'),
  });
  await until('the leftover has ended', () => !isAlive(pid));
});

test('Ctrl-C of submit cancels the execution', async () => {
  using directory = temporaryDirectory();
  await using whole = await standalone(join(directory.path, 'data'), { ATTUNE_PACKS_DIR: slowPack(directory, 600) });
  const child = Bun.spawn([agentFile, 'submit', 'slow.nap', '--api-url', whole.url], {
    env: { ATTUNE_API_TOKEN: whole.token ?? '' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const pid = await pidFrom(join(directory.path, 'pid.1'));
  child.kill('SIGINT');
  expect([await child.exited, await new Response(child.stderr).text()]).toEqual([
    130,
    expect.stringContaining('slow.nap cancelled'),
  ]);
  expect(isAlive(pid)).toBe(false);
});

test('what stands in the way is said: a port in use, a directory that cannot be written', async () => {
  using directory = temporaryDirectory();
  await using whole = await standalone(join(directory.path, 'data'));
  const env = { PATH: '/usr/bin:/bin', ATTUNE_WORKER_RUNTIMES: 'shell', HOME: directory.path };
  const { port } = new URL(whole.url);
  const taken = callAgent(['--standalone', '--data', join(directory.path, 'other'), '--port', port], { env });
  expect([taken.exitCode, taken.stderr]).toEqual([
    1,
    expect.stringContaining(`cannot listen on 127.0.0.1:${port}: somebody else listens there`),
  ]);
  directory.file('file', '');
  const unwritable = callAgent(['--standalone', '--data', join(directory.path, 'file/data')], { env });
  expect([unwritable.exitCode, unwritable.stderr]).toEqual([
    1,
    expect.stringContaining('choose another directory with --data'),
  ]);
});

test.each(['encryption-key', 'admin-token', 'attune.db', 'attune.db-wal'])(
  'a directory of data in which another user has put %s is not used: it would be his key, or his copy of the token',
  (name) => {
    using directory = temporaryDirectory();
    const env = { PATH: '/usr/bin:/bin', ATTUNE_WORKER_RUNTIMES: 'shell', HOME: directory.path };
    const planted = directory.file(`data/${name}`, '');
    if (isRoot) chownSync(planted, 64_123, 64_123);
    else chmodSync(planted, 0o646);
    const { exitCode, stderr } = callAgent(['--standalone', '--data', dirname(planted), '--port', '0'], { env });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`${name} is not used: `)]);
    expect(stderr).toContain(isRoot ? 'it belongs to the user 64123' : 'everybody may write to it');
    expect(readFileSync(planted, 'utf8')).toBe('');
  },
);

test('only builds for tests can be made to kill themselves', async () => {
  const knowsFaults = async (file: string): Promise<boolean> => (await Bun.file(file).text()).includes('ATTUNE_FAULT');
  expect([await knowsFaults(agentFile), await knowsFaults(faultyFile)]).toEqual([false, true]);
});

/** The system calls of a process by which it syncs files and talks by sockets, while something goes on. */
async function callsDuring(pid: number, work: () => Promise<void>): Promise<readonly string[]> {
  using directory = temporaryDirectory();
  const log = join(directory.path, 'calls');
  const calls = 'trace=fsync,fdatasync,recvfrom,read,sendto,write,writev,sendmsg';
  const tracer = Bun.spawn(['strace', '-f', '-p', String(pid), '-y', '-s', '64', '-e', calls, '-o', log], {
    stdio: ['ignore', 'ignore', Bun.file(join(directory.path, 'said'))],
  });
  const said = (): string => readFileSync(join(directory.path, 'said'), 'utf8');
  await until('strace is attached', () => said().includes('attached'));
  await work();
  /* It writes line by line. Told to leave, it may wait for ever for a process that waits for its vfork. */
  tracer.kill('SIGKILL');
  await tracer.exited;
  return readFileSync(log, 'utf8').split('\n');
}

rootTest(
  'a request is answered when it is on the disk, and many are on the disk by few syncs',
  async () => {
    using directory = temporaryDirectory();
    directory.file('packs/p/pack.yaml', 'ref: p\nversion: 1.0.0\n');
    directory.file('packs/p/actions/a.yaml', 'entry_point: a.sh\n');
    directory.file('packs/p/actions/a.sh', 'true');
    const env = { ATTUNE_PACKS_DIR: join(directory.path, 'packs'), ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '16' };
    await using whole = await standalone(join(directory.path, 'data'), env);
    const request = async (): Promise<number> => {
      const response = await whole.api('executions', { method: 'POST', body: JSON.stringify({ action_ref: 'p.a' }) });
      return ((await response.json()) as { id: number }).id;
    };
    const one = await callsDuring(whole.child.pid, async () => void (await request()));
    const asked = one.findIndex((call) => call.includes('POST /api/v1/executions'));
    const answered = one.findIndex((call) => call.includes('HTTP/1.1 201'));
    expect(asked).toBeGreaterThan(-1);
    expect(answered).toBeGreaterThan(asked);
    const isSync = (call: string): boolean => /fd?a?t?a?sync\(.*attune\.db/.test(call);
    expect(one.slice(asked, answered).some(isSync)).toBe(true);

    const many = await callsDuring(whole.child.pid, async () => {
      const ids = await Promise.all(Array.from({ length: 100 }, request));
      for (const id of ids)
        await until(`execution ${id} completes`, async () => {
          const answer = (await (await whole.api(`executions/${id}`)).json()) as { status: string };
          return answer.status === 'completed';
        });
    });
    expect(many.filter(isSync).length).toBeLessThan(150) /* 222 where each has its own */;
  },
  300_000,
);
