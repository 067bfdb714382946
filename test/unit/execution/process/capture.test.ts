import { expect, test } from 'bun:test';
import { BEGINNING_BYTES, createCapture, KEPT_BYTES } from '#execution/process/capture.ts';
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

test('both ends of a stream are kept, whatever its length and that of its pieces', async () => {
  for (const length of [0, 1, KEPT_BYTES - 1, KEPT_BYTES, KEPT_BYTES + 1, 2 * KEPT_BYTES, 3 * KEPT_BYTES + 17])
    for (const size of [65_537, KEPT_BYTES, 5 * KEPT_BYTES]) {
      const bytes = Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) % 251));
      const { take, captured } = createCapture('stdout', recorder(), { limitBytes: 10, notice: '' });
      for (let at = 0; at < length; at += size) await take(bytes.subarray(at, at + size));
      const { bytes: beginning, tail, totalBytes } = captured();
      expect([length, size, totalBytes]).toEqual([length, size, length]);
      expect(bytes.subarray(0, length > KEPT_BYTES ? BEGINNING_BYTES : length).equals(beginning)).toBe(true);
      expect(bytes.subarray(-KEPT_BYTES).equals(tail)).toBe(true);
    }
});
