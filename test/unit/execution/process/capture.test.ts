import { expect, test } from 'bun:test';
import { bothStreams, recorder, runShell } from '#test/support/shell.ts';

test('output is cut at the limit with a marker, one huge line too, and the child goes on to its end', async () => {
  const sink = recorder();
  const report = await runShell(
    'head -c 5000000 /dev/zero; echo end >&2',
    { logLimitBytes: bothStreams(1000) },
    { sink },
  );
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(report.stdout).toMatchObject({ totalBytes: 5_000_000, loggedBytes: 1000 });
  expect(sink.text('stdout')).toBe(`${'\0'.repeat(1000)}\n[attune: stdout cut here, at its limit of 1000 bytes]\n`);
  expect(sink.text('stderr')).toBe('end\n');
});

test('output of exactly the limit is whole', async () => {
  const sink = recorder();
  const report = await runShell('head -c 1000 /dev/zero', { logLimitBytes: bothStreams(1000) }, { sink });
  expect(report.stdout.loggedBytes).toBe(1000);
  expect(sink.bytes('stdout').length).toBe(1000);
});
