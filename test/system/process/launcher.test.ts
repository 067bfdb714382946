/** The launcher and its keeper, spoken to directly: what they report, and what they hold a program to. */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { CLONE3, lacking } from '#test/support/deny.ts';
import { untilGone } from '#test/support/litter.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { pidFrom, until } from '#test/support/until.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

interface Launched {
  /** What the keeper reports, message by message. */
  readonly reports: readonly string[];
  readonly stdout: string;
}

type Wrap = (command: readonly string[]) => readonly string[];

/** Runs the launcher with these arguments to the end of everything. */
async function launch(args: readonly string[], wrap: Wrap = (command) => command): Promise<Launched> {
  const { child, closed, reports } = start(args, wrap);
  const stdout = await new Response(child.stdout).text();
  await child.exited;
  await closed;
  return { reports: reports(), stdout };
}

function start(args: readonly string[], wrap: Wrap = (command) => command) {
  const child = Bun.spawn([...wrap([agentFile, '_launch', 'control=3', ...args])], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'ignore', 'socket-fd'],
  });
  /* As Bun's documentation of socket-fd says; the types of node:net do not know it. */
  const socket: Socket = connect({ fd: child.stdio[3] } as never);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  return {
    child,
    socket,
    closed,
    reports: () => text.split('\0').filter((report) => report !== '' && !report.startsWith('keeper ')),
  };
}

test('it reports how the program has ended', async () => {
  expect((await launch(['--', '/bin/sh', '-c', 'exit 3'])).reports).toEqual(['exited 3']);
  expect((await launch(['--', '/bin/sh', '-c', 'kill -9 $$'])).reports).toEqual(['signaled 9']);
});

test('what cannot be done is reported with the step and the number of the error, and nothing is run', async () => {
  const failures = [
    [['--', '/nowhere/program'], 'failed 2 program /nowhere/program: No such file or directory'],
    [['--', '/etc/passwd'], 'failed 13 program /etc/passwd: Permission denied'],
    [['cgroup=/nowhere', '--', '/bin/true'], 'failed 2 cgroup /nowhere/cgroup.procs: No such file or directory'],
    [['colour=red', '--', '/bin/true'], 'failed 22 usage colour=red: Invalid argument'],
    [['--'], 'failed 22 usage control= or a program behind --: Invalid argument'],
  ] as const;
  for (const [args, report] of failures) expect((await launch(args)).reports[0]).toBe(report);
});

test('a user is two numbers, neither of root nor of nobody at all', async () => {
  for (const user of [
    '0:0',
    '0:5',
    '5:0',
    '4294967295:5',
    '5:4294967295',
    '99999999999:5',
    '5',
    '5:',
    ':5',
    '-1:5',
    '5:5x',
    ' 5:5',
    '0x5:5',
  ])
    expect((await launch([`user=${user}`, '--', '/bin/true'])).reports[0]).toBe(
      `failed 22 user ${user}: Invalid argument`,
    );
});

test('a signal reaches the group, SIGKILL all that the program has started, and the end of the socket too', async () => {
  const trapping = start(['--', '/bin/sh', '-c', 'trap "exit 7" TERM; echo ready; sleep 1000 & wait']);
  const reader = trapping.child.stdout.getReader();
  await reader.read();
  trapping.socket.write(Buffer.of(15));
  await until('its end is reported', () => trapping.reports().length > 0);
  expect(trapping.reports()).toEqual(['exited 7']);
  trapping.socket.destroy();
  await trapping.child.exited;
  for (const [name, end] of [
    ['killed', (socket: Socket) => void socket.write(Buffer.of(9))],
    ['left', (socket: Socket) => void socket.destroy()],
  ] as const) {
    const pids = ['leader', 'apart'].map((who) => join(directory.path, `${name}.${who}`));
    const apart = `setsid sh -c 'echo $$ >${pids[1]}; exec sleep 1000' & echo $$ >${pids[0]}; wait`;
    const { child, socket } = start(['--', '/bin/sh', '-c', apart]);
    const numbers = await Promise.all(pids.map(pidFrom));
    end(socket);
    await child.exited;
    await untilGone(numbers);
  }
});

const unified = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((place) => {
  try {
    return readFileSync(join(place, 'cgroup.controllers'), 'utf8') !== undefined;
  } catch {
    return false;
  }
});

for (const [name, wrap] of [
  ['is made in its cgroup', (command: readonly string[]) => command],
  ['moves into its cgroup where the kernel does not know clone3', (command) => lacking([CLONE3], command)],
] as readonly (readonly [string, Wrap])[])
  rootTest(`a program ${name}`, async () => {
    if (unified === undefined) throw new Error('cgroups of version 2 are not mounted');
    const group = join(unified, `attune-test-${process.pid}`);
    mkdirSync(group);
    try {
      const { stdout, reports } = await launch([`cgroup=${group}`, '--', '/bin/cat', '/proc/self/cgroup'], wrap);
      expect(reports).toEqual(['exited 0']);
      expect(stdout).toContain(`0::/attune-test-${process.pid}\n`);
    } finally {
      rmdirSync(group);
    }
  });
