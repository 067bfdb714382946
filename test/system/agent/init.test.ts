import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { inPidNamespace } from '#test/support/namespace.ts';
import { mountTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

/** Above an action is its keeper, above that the fork server, and above that the agent. */
const parentOf = (pid: string, proc = '/proc'): string => `$(cut -d " " -f 4 ${proc}/${pid}/stat)`;
const agentOfAction = parentOf(parentOf('$PPID'));

const linesOf = (text: string): readonly string[] => text.trim().split('\n');

/** Starts the agent with an action that runs until told otherwise, supervised, and not as PID 1. */
function supervised(
  directory: string,
  script: string,
): { child: Bun.Subprocess; agentPid(): Promise<number>; pidIn(name: string): Promise<number> } {
  const child = Bun.spawn([agentFile, 'run', script], {
    env: { ...process.env, ATTUNE_SUPERVISE: '1' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  const pidIn = (name: string): Promise<number> => pidFrom(`${directory}/${name}`);
  return { child, pidIn, agentPid: async () => Number(linesOf(call(['pgrep', '-P', String(child.pid)]).stdout)[0]) };
}

mountTest(
  'as PID 1 a hundred double-forked orphans leave no zombie',
  () => {
    using directory = temporaryDirectory();
    const spawn = `for i in $(seq 100); do (setsid sh -c "echo >>${directory.path}/begun; sleep 0.1" & ) ; done`;
    /* The pauses of its loops are not called sleep, as the orphans are. */
    const count = `pause() { timeout 0.05 tail -f /dev/null; }
orphans() { cat /proc/[0-9]*/stat 2>/dev/null | grep -c "(sleep)"; }
until [ "$(wc -l <${directory.path}/begun)" = 100 ]; do pause; done
for try in $(seq 300); do [ "$(orphans)" = 0 ] && break; pause; done
echo orphans $(orphans), zombies $(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z ")`;
    const script = directory.file('orphans.sh', `${spawn}\n${count}\n`);
    const ran = call(inPidNamespace([agentFile, 'run', script]));
    expect(ran.stdout).toBe('orphans 0, zombies 0\n');
    expect(ran.exitCode).toBe(0);
  },
  120_000,
);

mountTest('as PID 1 the agent is a child of the init, and ATTUNE_SUPERVISE=0 turns that off', () => {
  using directory = temporaryDirectory();
  const script = directory.file('parent.sh', `agent=${agentOfAction}; echo ${parentOf('$agent')}`);
  expect(call(inPidNamespace([agentFile, 'run', script])).stdout).toBe('1\n');
  expect(call(inPidNamespace(['env', 'ATTUNE_SUPERVISE=0', agentFile, 'run', script])).stdout).toBe('0\n');
});

mountTest('the exit code of the agent is that of the init', () => {
  const failing = call(inPidNamespace([agentFile, 'run', '/no/such.sh']));
  expect(failing.exitCode).toBe(2);
  expect(call([agentFile, '--version'], { env: { ATTUNE_SUPERVISE: '1' } }).exitCode).toBe(0);
});

test('SIGTERM reaches the agent, which ends its action and says so by its exit code', async () => {
  using directory = temporaryDirectory();
  const script = directory.file(
    'long.sh',
    `trap 'echo stopped > ${directory.path}/stopped; exit 0' TERM\necho $$ > ${directory.path}/pid\nwhile :; do sleep 0.05; done`,
  );
  const { child, pidIn } = supervised(directory.path, script);
  await pidIn('pid');
  child.kill('SIGTERM');
  expect(await child.exited).toBe(143);
  expect(await Bun.file(`${directory.path}/stopped`).text()).toBe('stopped\n');
}, 120_000);

mountTest(
  'SIGTERM to PID 1 reaches the agent',
  async () => {
    using directory = temporaryDirectory();
    const script = directory.file('long.sh', `echo $$ > ${directory.path}/pid\nwhile :; do sleep 0.05; done`);
    const signal = `"$@" & while [ ! -s ${directory.path}/pid ]; do sleep 0.05; done; kill -TERM $!; wait $!; echo exit $?`;
    /* A second namespace, so that the agent is PID 1 and its sender is not in it. */
    const inner = ['unshare', '--pid', '--fork', '--kill-child', agentFile, 'run', script];
    const ran = call(
      inPidNamespace(['sh', '-c', `${signal.replace('kill -TERM $!', 'kill -TERM $(pgrep -P $!)')}`, 'sh', ...inner]),
    );
    expect(ran.stdout).toContain('exit 143');
  },
  120_000,
);

test('when the agent is killed nothing that it started is left, and the status is the same', async () => {
  using directory = temporaryDirectory();
  const script = directory.file(
    'family.sh',
    [
      `setsid sh -c 'echo $$ > ${directory.path}/daemon; exec sleep 1000' &`,
      `(setsid sh -c 'echo $$ > ${directory.path}/orphan; exec sleep 1000' &)`,
      `echo $$ > ${directory.path}/leader`,
      'sleep 1000',
    ].join('\n'),
  );
  const { child, agentPid, pidIn } = supervised(directory.path, script);
  const pids = [await pidIn('daemon'), await pidIn('orphan'), await pidIn('leader')];
  process.kill(await agentPid(), 'SIGKILL');
  await child.exited;
  expect(child.signalCode).toBe('SIGKILL');
  for (const pid of pids) expect(isAlive(pid)).toBe(false);
}, 120_000);

mountTest(
  'when the agent is killed under PID 1 the exit code says by which signal',
  () => {
    using directory = temporaryDirectory();
    const script = directory.file('suicide.sh', `setsid sleep 1000 &\nkill -SEGV ${agentOfAction}\nsleep 1000`);
    const ran = call(inPidNamespace([agentFile, 'run', script]));
    expect(ran.exitCode).toBe(128 + 11);
  },
  120_000,
);

mountTest(
  'without /proc the supervisor still finds all that is left',
  () => {
    using directory = temporaryDirectory();
    const proc = `${directory.path}/proc`;
    const script = directory.file(
      'suicide.sh',
      [
        `setsid sh -c 'echo >"$0"; exec sleep 98765' ${directory.path}/child &`,
        `(setsid sh -c 'echo >"$0"; exec sleep 98765' ${directory.path}/orphan &)`,
        `until [ -e ${directory.path}/child ] && [ -e ${directory.path}/orphan ]; do sleep 0.05; done`,
        `kill -KILL ${parentOf(parentOf('$PPID', proc), proc)}`,
        'sleep 1000',
      ].join('\n'),
    );
    const hidden = [
      'sh',
      '-c',
      `mkdir ${proc}; mount -t proc none ${proc} && mount -t tmpfs none /proc && ATTUNE_SUPERVISE=1 "$@"; umount /proc; umount ${proc}; echo left $(pgrep -c -x sleep)`,
      'sh',
      agentFile,
      'run',
      script,
    ];
    const ran = call(inPidNamespace(['sh', '-c', '"$@"; true', 'sh', ...hidden]));
    expect(ran.stdout).toContain('left 0');
  },
  120_000,
);

for (const isStopped of [false, true])
  test(`a supervisor that is killed takes the agent with it${isStopped ? ', also one that is stopped' : ''}, which drains`, async () => {
    using directory = temporaryDirectory();
    const script = directory.file(
      'long.sh',
      `trap 'echo asked >${directory.path}/asked; exit' TERM; echo $$ > ${directory.path}/pid; while :; do sleep 0.05; done`,
    );
    const { child, agentPid, pidIn } = supervised(directory.path, script);
    const action = await pidIn('pid');
    const agent = await agentPid();
    if (isStopped) process.kill(agent, 'SIGSTOP');
    child.kill('SIGKILL');
    try {
      await until('agent and action are gone', () => !isAlive(agent) && !isAlive(action));
      expect(existsSync(join(directory.path, 'asked'))).toBe(true);
    } finally {
      if (isAlive(agent)) process.kill(agent, 'SIGKILL');
    }
  }, 120_000);

test('the action does not inherit the request to be supervised', () => {
  using directory = temporaryDirectory();
  const script = directory.file('env.sh', 'echo "[$ATTUNE_SUPERVISE]"');
  expect(call([agentFile, 'run', script], { env: { PATH: '/usr/bin:/bin', ATTUNE_SUPERVISE: '1' } }).stdout).toBe(
    '[]\n',
  );
});
