import { expect, test } from 'bun:test';
import { bothStreams, runShell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const MiB = 1024 * 1024;

test('a slow sink slows the child down and loses nothing', async () => {
  let bytes = 0;
  const write = async (_: unknown, chunk: Uint8Array): Promise<void> => {
    await Bun.sleep(10);
    bytes += chunk.length;
  };
  const report = await runShell(
    'head -c 3000000 /dev/zero',
    { logLimitBytes: bothStreams(4 * MiB) },
    { sink: { write } },
  );
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(bytes).toBe(3_000_000);
});

test('a grandchild that keeps stdout open after setsid does not hold the end back', async () => {
  using directory = temporaryDirectory();
  const report = await runShell(`setsid sh -c 'echo $$ > ${directory.path}/pid; exec sleep 1000' & echo started`);
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(Buffer.from(report.stdout.bytes).toString()).toBe('started\n');
  const pid = await pidFrom(`${directory.path}/pid`);
  expect(isAlive(pid)).toBe(true); /* it left the group: not ours to kill without an init */
  process.kill(pid, 'SIGKILL');
}, 20_000);

test('a grandchild that goes on flooding stdout after setsid does not hold the end back', async () => {
  using directory = temporaryDirectory();
  const report = await runShell(`setsid sh -c 'echo $$ > ${directory.path}/pid; exec yes' & sleep 0.3`);
  expect(report.outcome).toEqual({ kind: 'completed' });
  const pid = await pidFrom(`${directory.path}/pid`);
  await until('yes died of SIGPIPE', () => !isAlive(pid));
}, 20_000);
