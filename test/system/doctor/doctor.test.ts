/** Each check of `attune-agent doctor` against that very thing, broken for real. */
import { afterAll, expect, test } from 'bun:test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { forbidding, SOCKET } from '#test/support/deny.ts';
import { freePort } from '#test/support/free-port.ts';
import { inPidNamespace, withMounts } from '#test/support/namespace.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { serversTest, sharedPostgres, sharedRabbit } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const directory = temporaryDirectory();

afterAll(() => directory[Symbol.dispose]());

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly what: string;
  readonly advice?: string;
}

/** The finding of one check, asked by a command that `wrap` makes of the agent's. */
function examine(
  check: string,
  {
    env = {},
    wrap = (command) => command,
  }: { env?: Record<string, string>; wrap?: (command: readonly string[]) => readonly string[] } = {},
): Finding & { readonly exitCode: number | null } {
  const command = wrap([agentFile, 'doctor', '--only', check, '--format', 'json']);
  const { exitCode, stdout, stderr } = call(command, { env: { PATH, HOME: '/root', ...env } });
  if (stdout === '') throw new Error(`exit code ${exitCode}: ${stderr}`);
  const [finding] = (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
  return { ...(finding as Finding), exitCode };
}

/** In a root of its own, entered after `script`, which finds it in $root; writable, and gone afterwards. */
function inRoot(name: Parameters<typeof rootFileSystem>[0], script: string, uid = 0) {
  return (command: readonly string[]): readonly string[] => {
    const root = join(directory.path, 'root');
    const prepare = [
      `root=${root}; mkdir -p $root; mount -t tmpfs none ${root}`,
      `mkdir ${root}/u ${root}/w ${root}/r`,
      `mount -t overlay -o lowerdir=${rootFileSystem(name)},upperdir=${root}/u,workdir=${root}/w none ${root}/r`,
      `root=${root}/r; mount --bind ${dirname(agentFile)} $root/opt/attune; mount -t proc none $root/proc; mount --bind /dev $root/dev`,
      script,
    ].join('; ');
    const inside = command.map((part) => part.replace(dirname(agentFile), '/opt/attune'));
    return withMounts(prepare, ['chroot', `--userspec=${uid}:${uid}`, `${root}/r`, ...inside]);
  };
}

test('where all is well it says so, in text and in JSON', () => {
  const text = callAgent(['doctor', '--only', 'kernel, open files'], { env: { PATH } });
  expect(text.stdout).toMatch(
    /^ok {4}kernel {6}Linux \d.*\nok {4}open files {2}.*\n0 will not work, 0 may not, 2 fine\n$/,
  );
  expect(text.exitCode).toBe(0);
  expect(examine('kernel')).toMatchObject({ check: 'kernel', state: 'ok', exitCode: 0 });
});

test('a check that does not exist is refused with those that do', () => {
  const { exitCode, stderr } = callAgent(['doctor', '--only', 'weather'], { env: { PATH } });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--only: 'weather' is none of kernel, proc, devices");
  expect(callAgent(['doctor', '--only', 'clok'], { env: { PATH } }).stderr).toContain('did you mean clock?');
  const offered = callAgent(['__complete', '--', 'doctor', '--only'], { env: { PATH } }).stdout.trim().split('\n');
  const { findings } = JSON.parse(callAgent(['doctor', '-o', 'json'], { env: { PATH } }).stdout);
  expect(offered).toEqual(findings.map((one: { check: string }) => one.check));
});

test('a kernel that is too old', () => {
  const wrap = (command: readonly string[]) => ['setarch', '--uname-2.6', ...command];
  expect(examine('kernel', { wrap })).toMatchObject({
    state: 'failure',
    exitCode: 1,
    what: expect.stringMatching(/^Linux 2\.6\.\d+.* is older than 3\.17$/),
  });
});

rootTest('no /proc', () => {
  expect(examine('proc', { wrap: inRoot('busybox', 'umount $root/proc') })).toMatchObject({
    state: 'warning',
    what: '/proc is not mounted',
  });
});

rootTest('no /dev/null', () => {
  const wrap = inRoot('busybox', 'umount $root/dev; mount -t tmpfs none $root/dev; : > $root/dev/null');
  expect(examine('devices', { wrap })).toMatchObject({
    state: 'failure',
    exitCode: 1,
    what: 'no usable /dev/null, /dev/zero, /dev/urandom',
  });
});

rootTest('nothing is writable', () => {
  const wrap = inRoot('busybox', 'umount $root/dev; mount -o remount,ro $root', 64123);
  expect(examine('work directory', { wrap })).toMatchObject({
    state: 'failure',
    exitCode: 1,
    what: expect.stringContaining('no writable directory'),
  });
});

rootTest('a work directory that is nearly full', () => {
  const wrap = inRoot('busybox', 'mount -t tmpfs -o size=4m none $root/tmp');
  expect(examine('work directory', { wrap })).toMatchObject({ state: 'warning', what: '/tmp: 4 MiB free' });
});

rootTest('a work directory that is mounted noexec', () => {
  const wrap = inRoot('busybox', 'mount -t tmpfs -o noexec,mode=1777 none $root/tmp');
  const env = { ATTUNE_WORK_DIR: '/tmp' };
  expect(examine('execution', { wrap, env })).toMatchObject({
    state: 'warning',
    what: 'programs in /tmp cannot be run: it is mounted noexec',
  });
  expect(examine('execution', { wrap: inRoot('busybox', ':'), env })).toMatchObject({ state: 'ok' });
});

test('a seccomp profile that forbids sockets', () => {
  const found = examine('sockets', { wrap: (command) => forbidding([SOCKET], command) });
  expect(found).toMatchObject({
    state: 'failure',
    exitCode: 1,
    what: expect.stringContaining('(a seccomp filter is on)'),
  });
  expect(examine('sockets', { wrap: (command) => forbidding([], command) })).toMatchObject({ state: 'ok' });
});

rootTest('a uid without an entry in /etc/passwd', () => {
  expect(examine('user', { wrap: inRoot('bookworm', ':', 64123) })).toMatchObject({
    state: 'warning',
    what: 'uid 64123 has no entry in /etc/passwd; HOME=/root cannot be written to: executions get private ones, removed at their end',
  });
  expect(examine('user', { wrap: inRoot('bookworm', ':') })).toMatchObject({
    state: 'ok',
    what: 'root (0): actions run as root',
  });
});

test('few open files, few processes', () => {
  const limited = (limit: string) => (command: readonly string[]) => ['prlimit', limit, ...command];
  expect(examine('open files', { wrap: limited('--nofile=128') })).toMatchObject({
    state: 'warning',
    what: 'limited to 128',
  });
  expect(examine('processes', { wrap: limited('--nproc=60') })).toMatchObject({
    state: 'warning',
    what: 'limited to 60',
  });
});

rootTest('PID 1 that reaps nobody', () => {
  /* It waits for its one child alone. */
  const idle = `exec python3 -c 'import os, subprocess, sys
os._exit(os.waitstatus_to_exitcode(os.waitpid(subprocess.Popen(sys.argv[1:]).pid, 0)[1]))' "$@"`;
  const wrap = (command: readonly string[]) => inPidNamespace(['sh', '-c', idle, 'sh', ...command]);
  expect(examine('zombies', { wrap })).toMatchObject({
    state: 'warning',
    what: expect.stringContaining('orphans stay as zombies'),
  });
  expect(examine('zombies', { wrap: (command) => inPidNamespace(command) })).toMatchObject({ state: 'ok' });
});

test('a name that does not resolve', () => {
  const env = { ATTUNE__DATABASE__URL: 'postgres://a@no-such-host.invalid/a' };
  expect(examine('names', { env })).toMatchObject({
    state: 'failure',
    exitCode: 1,
    what: expect.stringContaining('no-such-host.invalid'),
  });
});

rootTest('a name without /etc/resolv.conf', () => {
  const env = { ATTUNE__DATABASE__URL: 'postgres://a@database/a' };
  const wrap = inRoot('empty', ':');
  expect(examine('names', { env, wrap })).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('there is no /etc/resolv.conf'),
  });
});

rootTest('no CA certificates, and a bundle that is not there', () => {
  const found = examine('certificates', { wrap: inRoot('empty', ':') });
  expect(found).toMatchObject({
    state: 'warning',
    what: expect.stringMatching(/^the image has no CA certificates; the agent brings \d{2,} of its own$/),
  });
  const env = { NODE_EXTRA_CA_CERTS: '/no/such.pem' };
  expect(examine('certificates', { env })).toMatchObject({
    state: 'failure',
    what: 'NODE_EXTRA_CA_CERTS=/no/such.pem cannot be read',
  });
});

test('a clock that differs', async () => {
  const answers = createServer((_, response) => {
    response.sendDate = false;
    response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    response.end('{"problems":[]}');
  });
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
  const child = Bun.spawn([agentFile, 'doctor', '--only', 'clock', '--format', 'json'], {
    env: { PATH, ATTUNE_API_URL: `http://127.0.0.1:${(answers.address() as AddressInfo).port}` },
  });
  const [finding] = (JSON.parse(await new Response(child.stdout).text()) as { findings: Finding[] }).findings;
  answers.close();
  expect(finding).toMatchObject({
    state: 'failure',
    what: expect.stringMatching(/^this container's clock is (3599|3600) s behind the servers'$/),
  });
});

rootTest('limits of memory, processors and processes of a cgroup', () => {
  const made = call([
    'sh',
    '-euc',
    'for c in memory pids cpu; do mkdir -p /sys/fs/cgroup/$c/attune-doctor-test; done; echo 100663296 > /sys/fs/cgroup/memory/attune-doctor-test/memory.limit_in_bytes; echo 50 > /sys/fs/cgroup/pids/attune-doctor-test/pids.max; echo 100000 > /sys/fs/cgroup/cpu/attune-doctor-test/cpu.cfs_period_us; echo 5000 > /sys/fs/cgroup/cpu/attune-doctor-test/cpu.cfs_quota_us',
  ]);
  const isTwo = made.exitCode !== 0;
  const two =
    "mkdir -p /sys/fs/cgroup/attune-doctor-test; echo '+memory +pids +cpu' > /sys/fs/cgroup/cgroup.subtree_control; cd /sys/fs/cgroup/attune-doctor-test; echo 100663296 > memory.max; echo 50 > pids.max; echo '5000 100000' > cpu.max";
  if (isTwo) expect(call(['sh', '-euc', two])).toMatchObject({ exitCode: 0 });
  const groups = isTwo ? [''] : ['memory/', 'pids/', 'cpu/'];
  const enter = groups.map((group) => `echo $$ > /sys/fs/cgroup/${group}attune-doctor-test/cgroup.procs`).join('; ');
  const wrap = (command: readonly string[]) => ['sh', '-euc', `${enter}; exec "$@"`, 'sh', ...command];
  try {
    expect(examine('memory', { wrap })).toMatchObject({ state: 'warning', what: 'limited to 96 MiB' });
    expect(examine('processes', { wrap })).toMatchObject({ state: 'warning', what: 'limited to 50' });
    expect(examine('processors', { wrap })).toMatchObject({ state: 'warning', what: 'limited to 0.05' });
  } finally {
    call(['sh', '-c', `rmdir ${groups.map((group) => `/sys/fs/cgroup/${group}attune-doctor-test`).join(' ')}`]);
  }
});

const database = sharedPostgres();
const broker = sharedRabbit();

serversTest('doctor: servers that answer, and each way in which they do not', async () => {
  const good = await database().createDatabase();
  expect(callAgent(['migrate'], { env: { PATH, ATTUNE__DATABASE__URL: good } }).exitCode).toBe(0);
  const empty = await database().createDatabase();
  const at = (url: string, change: (url: URL) => void): string => {
    const changed = new URL(url);
    change(changed);
    return changed.href;
  };
  const askDatabase = (url: string) => examine('database', { env: { ATTUNE__DATABASE__URL: url } });
  expect(askDatabase(good)).toMatchObject({ state: 'ok', exitCode: 0 });
  expect(examine('clock', { env: { ATTUNE__DATABASE__URL: good } })).toMatchObject({ state: 'ok' });
  expect(askDatabase(empty).what).toContain('run attune-agent migrate');
  expect(
    askDatabase(
      at(good, (url) => {
        url.pathname = '/nothing';
      }),
    ).what,
  ).toContain('the database in the URL does not exist');
  expect(
    askDatabase(
      at(good, (url) => {
        url.port = String(freePort());
      }),
    ),
  ).toMatchObject({ state: 'failure', exitCode: 1, what: expect.stringContaining('nobody listens there') });
  const askBroker = (url: string) => examine('broker', { env: { ATTUNE__MESSAGE_QUEUE__URL: url } });
  expect(askBroker(broker().url)).toMatchObject({ state: 'ok', exitCode: 0 });
  expect(
    askBroker(
      at(broker().url, (url) => {
        url.password = 'wrong';
      }),
    ).what,
  ).toContain('user or password are wrong');
  expect(
    askBroker(
      at(broker().url, (url) => {
        url.pathname = '/nothing';
      }),
    ).what,
  ).toContain('virtual host');
  expect(
    askBroker(
      at(broker().url, (url) => {
        url.port = String(freePort());
      }),
    ).what,
  ).toContain('nobody listens there');
  expect(
    askBroker(
      at(broker().url, (url) => {
        url.port = new URL(good).port;
      }),
    ).what,
  ).toMatch(/it (closed the connection|does not answer)/);
});
