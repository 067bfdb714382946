import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { BEGINNING_BYTES, KEPT_BYTES } from '#execution/process/capture.ts';
import { call } from '#test/support/call.ts';
import { bothStreams, recorder, runShell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const MiB = 1024 * 1024;

test('both streams arrive, in order, byte for byte', async () => {
  const sink = recorder();
  const report = await runShell('echo one; echo two >&2; echo three', {}, { sink });
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect([sink.text('stdout'), sink.text('stderr')]).toEqual(['one\nthree\n', 'two\n']);
});

test('invalid UTF-8 survives', async () => {
  const sink = recorder();
  await runShell(String.raw`printf '\377\376\000\200ok\303'`, {}, { sink });
  expect([...sink.bytes('stdout')]).toEqual([0xff, 0xfe, 0, 0x80, 0x6f, 0x6b, 0xc3]);
});

test('a child that never reads its megabyte of parameters is not waited for', async () => {
  const report = await runShell('echo done', { input: Buffer.alloc(MiB, 'x') });
  expect(report.outcome).toEqual({ kind: 'completed' });
});

test('a child that closes stdin gets its way', async () => {
  const report = await runShell('exec 0<&-; sleep 0.2; echo fine', { input: Buffer.alloc(MiB, 'x') });
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(Buffer.from(report.stdout.bytes).toString()).toBe('fine\n');
});

test('a child that echoes a large stdin does not deadlock', async () => {
  const input = Buffer.alloc(8 * MiB, 'abcdefg\n');
  const sink = recorder();
  const { stdout } = await runShell('cat', { input, logLimitBytes: bothStreams(16 * MiB) }, { sink });
  expect(sink.bytes('stdout').equals(input)).toBe(true);
  expect([stdout.totalBytes, stdout.bytes.length, stdout.tail.length]).toEqual([8 * MiB, BEGINNING_BYTES, KEPT_BYTES]);
  expect(Buffer.from(stdout.tail).equals(input.subarray(-KEPT_BYTES))).toBe(true);
});

test('a sink that fails ends the execution and its group', async () => {
  using directory = temporaryDirectory();
  const pidFile = join(directory.path, 'pid');
  const write = (): never => {
    throw new Error('disk full');
  };
  const run = runShell(`echo $$ > ${pidFile}; while :; do echo more; done`, {}, { sink: { write } });
  await expect(run).rejects.toThrow('disk full');
  const pid = await pidFrom(pidFile);
  await until('the child is gone', () => !isAlive(pid));
});

test('a failing child reports its exit code', async () => {
  expect((await runShell('exit 42')).outcome).toEqual({ kind: 'failed', exitCode: 42 });
});

const signals = [
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'SYS',
];
for (const signal of signals)
  test(`a child killed by SIG${signal} is reported so`, async () => {
    expect((await runShell(`ulimit -c 0; kill -${signal} $$`)).outcome).toMatchObject({
      kind: 'killed',
      signal: `SIG${signal}`,
    });
  });

test('a real-time signal without a name is reported by number', async () => {
  expect((await runShell('kill -40 $$')).outcome).toEqual({ kind: 'killed', signal: 'signal 40', signalNumber: 40 });
});

test('the time limit ends the whole group, politely first', async () => {
  using directory = temporaryDirectory();
  const script = `trap 'echo bye; exit 0' TERM; sleep 1000 & echo $! > ${directory.path}/pid; wait`;
  const sink = recorder();
  const report = await runShell(script, { timeoutMs: 300 }, { sink });
  expect(report.outcome).toEqual({ kind: 'timed-out', timeoutMs: 300 });
  expect(sink.text('stdout')).toBe('bye\n');
  const pid = await pidFrom(`${directory.path}/pid`);
  await until('the grandchild is gone', () => !isAlive(pid));
});

test('a child that ignores SIGTERM is killed after the grace', async () => {
  const report = await runShell("trap '' TERM; while :; do sleep 1; done", { timeoutMs: 200, graceMs: 300 });
  expect(report.outcome.kind).toBe('timed-out');
  expect(report.durationMs).toBeGreaterThanOrEqual(500);
});

test('a second request to stop kills at once', async () => {
  const cancel = new AbortController();
  const killNow = new AbortController();
  const write = (_: unknown, chunk: Uint8Array): void => {
    if (Buffer.from(chunk).includes('heard')) killNow.abort();
    else cancel.abort();
  };
  const run = runShell(
    "trap 'echo heard' TERM; echo up; while :; do sleep 1; done",
    { graceMs: 600_000 },
    { sink: { write }, stop: { cancel: cancel.signal, killNow: killNow.signal } },
  );
  expect((await run).outcome).toEqual({ kind: 'cancelled' });
});

test('the first reason wins: cancelled stays cancelled when the limit passes during the grace', async () => {
  const cancel = new AbortController();
  const run = runShell(
    "trap '' TERM; echo up; while :; do sleep 1; done",
    { timeoutMs: 400, graceMs: 1000 },
    { sink: { write: () => cancel.abort() }, stop: { cancel: cancel.signal } },
  );
  expect((await run).outcome).toEqual({ kind: 'cancelled' });
});

test('an execution cancelled before its start does not start', async () => {
  using directory = temporaryDirectory();
  const report = await runShell(`touch ${directory.path}/started`, {}, { stop: { cancel: AbortSignal.abort() } });
  expect(report.outcome).toEqual({ kind: 'cancelled' });
  expect(await Bun.file(join(directory.path, 'started')).exists()).toBe(false);
});

test('a background job of the same group does not outlive the execution', async () => {
  using directory = temporaryDirectory();
  await runShell(`sleep 1000 >/dev/null 2>&1 & echo $! > ${directory.path}/pid`);
  const pid = await pidFrom(`${directory.path}/pid`);
  await until('the job is gone', () => !isAlive(pid));
});

test('the child leads its own session and has the three standard descriptors only', async () => {
  const report = await runShell('ls /proc/self/fd | tr "\\n" " "; cut -d " " -f 5,6 /proc/$$/stat; echo $$');
  const [fds, pid] = Buffer.from(report.stdout.bytes).toString().trim().split('\n');
  expect(fds).toBe(`0 1 2 3 ${pid} ${pid}`); /* 3 is ls reading the directory */
});

test('a fork bomb within a limit on pids ends with its group', async () => {
  const limited = `ulimit -u 200 2>/dev/null; bomb() { bomb | bomb & }; bomb; wait`;
  const isRoot = process.getuid?.() === 0;
  /* The limit counts the processes of a user, and not those of root: give the bomb a user that no other test takes. */
  const command = isRoot
    ? ['/usr/bin/setpriv', '--reuid=64125', '--regid=64125', '--clear-groups', '/bin/bash', '-c', limited]
    : ['/bin/bash', '-c', limited];
  const report = await runShell('', { command, timeoutMs: 1500, logLimitBytes: bothStreams(10_000) });
  expect(['timed-out', 'completed', 'failed']).toContain(report.outcome.kind);
  await until('no process of the bomb is left', () => !isRoot || call(['pgrep', '-u', '64125']).stdout === '');
}, 120_000);
