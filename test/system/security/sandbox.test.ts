/** What executions are held to, each seen from inside an action; and what cannot be had is said before anything runs. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { forbidding } from '#test/support/deny.ts';
import { freePort } from '#test/support/free-port.ts';
import { cgroupTest, rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const directory = temporaryDirectory();
chmodSync(directory.path, 0o755);
afterAll(() => directory[Symbol.dispose]());

/** Runs a script (python, or shell by its name) with settings such as `limits.pids`. */
function run(name: string, code: string, settings: Readonly<Record<string, string>>): Call {
  const file = directory.file(name, code);
  chmodSync(file, 0o644);
  return callAgent(['run', file], { env: { PATH, HOME: '/root', ...environmentOf(settings) } });
}

function environmentOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`ATTUNE__${name.replace('.', '__').toUpperCase()}`, value]),
  );
}

test('no core dumps, and rlimits and niceness as asked for', () => {
  const asked = { 'limits.open_files': '50', 'limits.file_bytes': '4096', 'limits.nice': '7' };
  const { stdout } = run(
    'limits.sh',
    'ulimit -c; ulimit -Hn; nice; head -c 9999 /dev/zero > $TMPDIR/big; wc -c < $TMPDIR/big',
    asked,
  );
  expect(stdout.trim().split('\n')).toEqual(['0', '50', String(7 + Number(call(['nice']).stdout)), '4096']);
});

test('without network no socket but unix ones', () => {
  const code = `import socket
for family in [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK]:
    try:
        socket.socket(family, socket.SOCK_RAW if family == socket.AF_NETLINK else socket.SOCK_STREAM)
        print("opened", family)
    except PermissionError:
        pass
socket.socketpair()
print("tried")
`;
  expect(run('net.py', code, { 'limits.network': 'none' }).stdout).toBe('tried\n');
  expect(run('net.py', code, {}).stdout).toContain('opened');
});

test('with a read-only file system nothing changes but what is its own', () => {
  const victim = directory.file('victim', 'whole');
  const code = `cd ${directory.path}
echo broken > victim; rm victim; mv victim elsewhere; mkdir new; ln -s victim link; truncate -s 0 victim
echo x > /dev/null && echo x > "$TMPDIR/x" && echo x > "$ATTUNE_ARTIFACTS_DIR/x" && echo x > "$HOME/x" && echo own
`;
  const { stdout } = run('ro.sh', code, { 'limits.filesystem': 'read-only' });
  expect(stdout).toBe('own\n');
  expect(readFileSync(victim, 'utf8')).toBe('whole');
  expect(existsSync(join(directory.path, 'new'))).toBe(false);
  expect(existsSync(join(directory.path, 'link'))).toBe(false);
});

rootTest('as another user: no way back, its own HOME, its parameters and artifacts', () => {
  const artifacts = join(directory.path, 'artifacts');
  const code = `import json, os, sys
print(os.getuid(), os.getgid(), os.getgroups(), json.load(sys.stdin), os.environ.get("USER"))
open(os.path.expanduser("~/x"), "w")
open(os.environ["ATTUNE_ARTIFACTS_DIR"] + "/made", "w")
for step in [lambda: os.setuid(0), lambda: os.kill(os.getppid(), 0), lambda: os.listdir("/root")]:
    try:
        step()
        print("allowed")
    except PermissionError:
        pass
print("no_new_privs", [line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")])
`;
  const file = directory.file('user.py', code);
  chmodSync(file, 0o644);
  const { stdout, stderr } = callAgent(['run', file, '-p', 'a=1', '--artifacts', artifacts], {
    env: { PATH, HOME: '/root', USER: 'root', ATTUNE__WORKER__EXECUTION_USER: '65534:12345' },
  });
  expect(stdout, stderr).toBe("65534 12345 [] {'a': '1'} None\nno_new_privs ['1']\n");
  expect(readdirSync(artifacts)).toEqual(['made']);
});

const groups = (): readonly string[] => {
  const found = call(['sh', '-c', 'find /sys/fs/cgroup -maxdepth 5 -type d -name "attune-execution-*"']).stdout;
  return found.split('\n').filter(Boolean);
};

rootTest('as another user in a work directory that only root may list', () => {
  const place = join(directory.path, 'only-root');
  mkdirSync(place, { mode: 0o711 });
  const settings = { 'worker.execution_user': '65534', work_dir: place };
  const { stdout, stderr } = run('narrow.sh', 'id -u; touch "$TMPDIR/x"; ls "$TMPDIR"', settings);
  expect(stdout, stderr).toBe('65534\nx\n');
  expect(readdirSync(place)).toEqual(['attune-cache-0']);
  chmodSync(place, 0o700);
  const refused = run('narrow.sh', 'id -u', settings);
  expect(refused.exitCode).toBe(78);
  expect(refused.stderr).toContain('worker.execution_user cannot use the work directory');
});

cgroupTest('memory, processes and processors by a cgroup, which is gone afterwards with all that was in it', () => {
  const memory = run('memory.py', 'x = bytearray(300 << 20); print(len(x))', { 'limits.memory_bytes': '100000000' });
  expect(memory.stderr).toContain('killed by SIGKILL (it met limits.memory_bytes)');
  const fork =
    'import os, time\nfor i in range(60):\n    if os.fork() == 0:\n        time.sleep(5)\n        os._exit(0)\n';
  expect(run('fork.py', fork, { 'limits.pids': '20' }).stderr).toContain('it met limits.pids');
  const spin =
    'import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass\nprint(time.process_time() < 0.5)\n';
  expect(run('spin.py', spin, { 'limits.cpus': '0.25' }).stdout).toBe('True\n');
  const mark = String(7000 + process.pid);
  const daemon = `setsid sh -c 'setsid sleep ${mark}' > /dev/null 2>&1 < /dev/null &
until pgrep -f '^sleep ${mark}' > /dev/null; do sleep 0.05; done
`;
  expect(run('daemon.sh', daemon, { 'limits.pids': '50' }).exitCode).toBe(0);
  expect(call(['pgrep', '-f', `sleep ${mark}`]).stdout).toBe('');
  expect(groups()).toEqual([]);
});

cgroupTest('an action that is root does not leave its cgroup, by whatever name, and writes elsewhere as ever', () => {
  const code = `import glob, os, subprocess
roots = ["/sys/fs/cgroup", "/proc/self/root/sys/fs/cgroup", "/proc/1/root/sys/fs/cgroup"]
tried = 0
for root in roots:
    for place in glob.glob(root + "/**/cgroup.procs", recursive=True)[:400]:
        tried += 1
        try:
            with open(place, "w") as procs:
                procs.write("0")
            print("left by", place)
        except OSError:
            pass
    try:
        os.mkdir(root + "/memory/planted")
        print("made a group")
    except OSError:
        pass
print("mounted" if subprocess.run(["mount", "-t", "cgroup2", "none", os.environ["TMPDIR"]], capture_output=True).returncode == 0 else "not mounted")
for place in [os.environ["TMPDIR"], "/tmp", "/root", "/dev/shm"]:
    with open(place + "/attune-written", "w"):
        os.remove(place + "/attune-written")
print("tried", tried > 0)
`;
  const { stdout, stderr } = run('leave.py', code, { 'limits.memory_bytes': '100000000' });
  expect(stdout, stderr).toBe('not mounted\ntried True\n');
});

rootTest('with a user for each execution, nothing that one starts outlives it, however it forks', async () => {
  const mark = String(9000 + process.pid);
  const daemon = `id -u
setsid sh -c 'setsid sleep ${mark}; exit' > /dev/null 2>&1 < /dev/null &
until pgrep -f '^sleep ${mark}' > /dev/null; do sleep 0.05; done
`;
  const settings = { 'worker.execution_users': '70000-70003' };
  expect(run('daemon.sh', daemon, settings).stdout).toBe('70000\n');
  expect(call(['pgrep', '-f', `sleep ${mark}`]).stdout).toBe('');
  /* Daemons that fork faster than anybody could list them. */
  const storm = `for i in 1 2 3 4 5; do setsid sh -c 'f() { setsid sh -c "$0 & exit" "$0" & }; while :; do sh -c ": ${mark}" & wait; done' > /dev/null 2>&1 < /dev/null & done
sleep 0.3
`;
  expect(run('storm.sh', storm, settings).exitCode).toBe(0);
  expect(call(['pgrep', '-u', '70000']).stdout).toBe('');
});

rootTest('daemons that fork faster than anybody could list them end with their execution, whatever its user', () => {
  const program = join(directory.path, 'fork-chain');
  expect(call(['gcc', '-O2', '-o', program, join(import.meta.dir, '../../support/fork-chain.c')]).stderr).toBe('');
  const script = directory.file('chain.sh', `${program}; echo left`);
  chmodSync(script, 0o644);
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  /* Where the tree is root's alone, nobody cannot work in it. */
  const asked = { env: { PATH }, cwd: directory.path };
  const { stdout, stderr } = call([...asNobody, agentFile, 'run', script], asked);
  expect(stdout, stderr).toBe('left\n');
  expect(run('chain.sh', `${program}; echo left`, { 'worker.execution_user': '65534' }).stdout).toBe('left\n');
  expect(run('chain.sh', `${program}; echo left`, { 'worker.execution_users': '70000-70001' }).stdout).toBe('left\n');
  expect(call(['pgrep', '-x', 'fork-chain']).stdout).toBe('');
});

rootTest('no spelling of a user makes actions root', () => {
  for (const user of [
    '0',
    '0:0',
    '0:1',
    '1:0',
    '4294967295',
    '4294967296',
    '1:4294967295',
    '00',
    '-1',
    '1:',
    '1e3',
    '0x1',
  ]) {
    const { exitCode, stdout } = run('who.sh', 'id -u', { 'worker.execution_user': user });
    expect([user, exitCode, stdout]).toEqual([user, 78, '']);
  }
  for (const users of ['0-3', '70000-4294967295', '5-4', '1-2000', '70000', 'a-b'])
    expect(run('who.sh', 'id -u', { 'worker.execution_users': users })).toMatchObject({ exitCode: 78, stdout: '' });
});

rootTest('what cannot be had is said with exit code 78, and nothing runs', () => {
  const mark = join(directory.path, 'ran');
  const script = directory.file('mark.sh', `touch ${mark}\n`);
  const refuse = (settings: Readonly<Record<string, string>>): string => {
    const { exitCode, stderr } = call(
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', agentFile, 'run', script],
      { env: { PATH, ...environmentOf(settings) } },
    );
    expect(exitCode).toBe(78);
    return stderr;
  };
  expect(refuse({ 'worker.execution_user': '1' })).toContain('worker.execution_user cannot be had here');
  expect(refuse({ 'limits.memory_bytes': '100000000' })).toContain(
    'limits.memory_bytes, limits.cpus and limits.pids need a cgroup',
  );
  expect(refuse({ 'limits.nice': '-5' })).toContain('limits.nice cannot be had here');
  expect(refuse({ 'worker.execution_user': 'nobody' })).toContain('expected numbers, uid or uid:gid');
  expect(existsSync(mark)).toBe(false);
});

rootTest('its environment block is empty, in the agent and in its supervisor, and others may not read it', async () => {
  const data = join(directory.path, 'data');
  const child = Bun.spawn([agentFile, '--standalone', '--data', data, '--port', String(freePort())], {
    env: { PATH, HOME: '/root', ATTUNE_SUPERVISE: '1', AWS_SECRET_ACCESS_KEY: 'hunter2' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const agent = (): string => call(['pgrep', '-P', String(child.pid)]).stdout.trim();
  await until('the agent is there', () => agent() !== '');
  for (const pid of [String(child.pid), agent()]) {
    await until('its block is empty', () => readFileSync(`/proc/${pid}/environ`).every((byte) => byte === 0));
    const other = call(['setpriv', '--reuid=65534', '--clear-groups', 'cat', `/proc/${pid}/environ`]);
    expect(other.exitCode).toBe(1);
  }
  child.kill('SIGINT');
  await child.exited;
  rmSync(data, { recursive: true, force: true });
});

rootTest('an agent whose limits another process changes says so, and ends', async () => {
  const data = join(directory.path, 'limited');
  mkdirSync(data);
  call(['chown', '65534:65534', data]);
  const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const child = Bun.spawn([...as, agentFile, '--standalone', '--data', data, '--port', String(freePort())], {
    env: { PATH, HOME: data, ATTUNE_WORKER_RUNTIMES: 'shell' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  let said = '';
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  await until('it works', () => said.includes('registered'), 60_000);
  expect(call([...as, 'renice', '-n', '19', '-p', String(child.pid)]).exitCode).toBe(0);
  await until(
    'it says so',
    () => said.includes('another process has changed the scheduling of this one (priority'),
    60_000,
  );
  expect(call([...as, 'prlimit', '--pid', String(child.pid), '--nofile=4:4']).exitCode).toBe(0);
  expect(await child.exited).toBe(1);
  await reading;
  expect(said).toContain('another process has changed the limits of this one');
});

/** Of x86-64. */
const [ADD_KEY, KEYCTL] = [248, 250];

/** By their numbers: whether the agent has a key in a session keyring of its own, and what two actions find and add. */
function keysOfActions(
  settings: Readonly<Record<string, string>>,
  wrap = (command: readonly string[]): readonly string[] => command,
): Call {
  const calls = `import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
KEYCTL, ADD = {"x86_64": (250, 248), "aarch64": (219, 217)}[platform.machine()]
JOIN, SEARCH, SESSION = 1, 10, -3
def add(name):
    return libc.syscall(ADD, b"user", name, b"hunter2-key", 11, SESSION)
def find(name):
    return libc.syscall(KEYCTL, SEARCH, SESSION, b"user", name, 0) > 0
`;
  const code = `${calls}
print(os.getuid(), find(b"agent"), find(b"of-action"), add(b"of-action") > 0, find(b"of-action"))
`;
  const file = directory.file('keys.py', code);
  chmodSync(file, 0o644);
  const begin = `${calls}
has_keys = libc.syscall(KEYCTL, JOIN, None) > 0 and add(b"agent") > 0 and find(b"agent")
print("keys" if has_keys else os.strerror(ctypes.get_errno()), flush=True)
for _ in range(2):
    os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
`;
  return call(wrap(['python3', '-c', begin, agentFile, 'run', file]), {
    env: { PATH, HOME: '/root', ...environmentOf(settings) },
  });
}

const refused = 'Operation not permitted\n';
const withoutKeys = (uid: string): string => `${refused}${`${uid} False False False False\n`.repeat(2)}`;

rootTest("the keys in the session keyring of the agent are no action's, and none finds those of another", () => {
  for (const [uid, settings] of [
    ['0', {}],
    ['65534', { 'worker.execution_user': '65534' }],
    ['70000', { 'worker.execution_users': '70000-70001' }],
  ] as const) {
    const { stdout, stderr } = keysOfActions(settings);
    /* Docker's own policy refuses both system calls to all in the container: then nobody has keys, and this shows no more. */
    const expected = stdout.startsWith(refused)
      ? withoutKeys(uid)
      : `keys\n${`${uid} False False True True\n`.repeat(2)}`;
    expect(stdout, stderr).toBe(expected);
  }
});

if (process.arch === 'x64')
  rootTest('where a policy refuses keyrings, as that of Docker does, actions run all the same', () => {
    for (const [uid, settings] of [
      ['0', {}],
      ['65534', { 'worker.execution_user': '65534' }],
    ] as const) {
      const { stdout, stderr } = keysOfActions(settings, (command) => forbidding([ADD_KEY, KEYCTL], command));
      expect(stdout, stderr).toBe(withoutKeys(uid));
    }
  });
