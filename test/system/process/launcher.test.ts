/** A keeper, spoken to directly: what it reports, and what it holds a program to. */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createFrameReader, frameOf } from '#execution/process/frames.ts';
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

type Started = ReturnType<typeof start>;
type Wrap = (command: readonly string[]) => readonly string[];

/** Lets a keeper run a program with these arguments, until nothing of it is left. */
async function launch(args: readonly string[], wrap: Wrap = (command) => command): Promise<Launched> {
  const { child, socket, over, reports, stdout } = start(args, wrap);
  await over;
  socket.destroy();
  await child.exited;
  return { reports: reports(), stdout: stdout() };
}

function start(args: readonly string[], wrap: Wrap = (command) => command) {
  const child = Bun.spawn([...wrap([agentFile, '_keep'])], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'socket-fd'],
  });
  /* As Bun's documentation of socket-fd says; the types of node:net do not know it. */
  const socket: Socket = connect({ fd: child.stdio[3] } as never);
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const carried: Record<string, string> = {};
  const read = createFrameReader((letter, bytes) => {
    carried[letter] = `${carried[letter] ?? ''}${bytes.toString()}${letter === 'x' ? '\n' : ''}`;
    if (letter === 'z') resolve();
  });
  socket.on('data', read);
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  const texts = ['/', String(args.length), ...args, 'PATH=/usr/bin:/bin'];
  socket.write(frameOf('r', Buffer.from(`${texts.join('\0')}\0`)));
  return {
    child,
    socket,
    over,
    signal: (number: number) => socket.write(frameOf('s', Buffer.of(number))),
    reports: () => (carried['x'] ?? '').split('\n').slice(0, -1),
    stdout: () => carried['o'] ?? '',
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
    [['--'], 'failed 22 usage a program behind --: Invalid argument'],
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
  await until('it is ready', () => trapping.stdout() !== '');
  trapping.signal(15);
  await until('its end is reported', () => trapping.reports().length > 0);
  expect(trapping.reports()).toEqual(['exited 7']);
  trapping.socket.destroy();
  await trapping.child.exited;
  for (const [name, end] of [
    ['killed', ({ signal }: Started) => void signal(9)],
    ['finished', ({ socket }: Started) => void socket.write(frameOf('f', new Uint8Array()))],
    ['left', ({ socket }: Started) => void socket.destroy()],
  ] as const) {
    const pids = ['leader', 'apart'].map((who) => join(directory.path, `${name}.${who}`));
    const apart = `setsid sh -c 'echo $$ >${pids[1]}; exec sleep 1000' & echo $$ >${pids[0]}; wait`;
    const started = start(['--', '/bin/sh', '-c', apart]);
    const numbers = await Promise.all(pids.map(pidFrom));
    end(started);
    await started.over;
    await untilGone(numbers);
    started.socket.destroy();
    await started.child.exited;
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
