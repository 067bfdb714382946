import { expect, test } from 'bun:test';
import { KEPT_BYTES } from '#execution/process/capture.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { describeResult, RESULT_TEXT_BYTES } from '#execution/script/describe-result.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const captured = (text: string) => ({
  bytes: bytes(text.slice(0, KEPT_BYTES)),
  tail: bytes(text.slice(-KEPT_BYTES)),
  totalBytes: text.length,
  loggedBytes: text.length,
});

test('output too long for a result stays in the log, and the result says so', async () => {
  const long = JSON.stringify('x'.repeat(KEPT_BYTES));
  const report = {
    outcome: { kind: 'completed' as const },
    durationMs: 1,
    stdout: captured(long),
    stderr: captured(''),
  };
  const result = await describeResult(report, 'json');
  expect(result.data).toBeUndefined();
  expect(result.output_error).toContain('it is in the log');
  expect((await describeResult({ ...report, stdout: captured('{"a":1}') }, 'json')).data).toEqual({ a: 1 });
});

test('json on the last line is found after any amount of output', async () => {
  const chatty = `${'working…\n'.repeat(KEPT_BYTES / 4)}{"a":1}`;
  const report = { outcome: { kind: 'completed' }, durationMs: 1, stderr: captured('') } as const;
  for (const stdout of [chatty, `${chatty}\n`, `${chatty}\n\n \r\n\t\n`])
    expect((await describeResult({ ...report, stdout: captured(stdout) }, 'json')).data).toEqual({ a: 1 });
  expect((await describeResult({ ...report, stdout: captured(`${chatty}\n`) }, 'yaml')).output_error).toContain(
    'too long',
  );
});

test('results have the fields of the protocol', async () => {
  const report = (outcome: CommandReport['outcome'], stdout = '', stderr = ''): CommandReport => ({
    outcome,
    durationMs: 12.4,
    stdout: captured(stdout),
    stderr: captured(stderr),
  });
  expect(await describeResult(report({ kind: 'completed' }, '{"a":1}', 'note'), 'json')).toEqual({
    succeeded: true,
    exit_code: 0,
    duration_ms: 12,
    stdout: '{"a":1}',
    data: { a: 1 },
  });
  expect(await describeResult(report({ kind: 'failed', exitCode: 3 }, '', 'first\nlast\n'), 'json')).toEqual({
    succeeded: false,
    exit_code: 3,
    error: 'exit code 3: last',
    duration_ms: 12,
    stderr: 'first\nlast\n',
  });
  expect(await describeResult(report({ kind: 'killed', signal: 'SIGSEGV', signalNumber: 11 }), 'text')).toMatchObject({
    exit_code: 139,
    signal: 'SIGSEGV',
  });
  expect(await describeResult(report({ kind: 'timed-out', timeoutMs: 1500 }), 'text')).toMatchObject({
    timed_out: true,
    error: 'timed out after 1.5 s',
  });
  expect(await describeResult(report({ kind: 'cancelled' }), 'text')).toMatchObject({
    succeeded: false,
    cancelled: true,
  });
  expect(await describeResult(report({ kind: 'not-started', reason: 'no such file' }), 'text')).toEqual({
    succeeded: false,
    error: 'not started: no such file',
    duration_ms: 12,
  });
});

test('an action that succeeded with broken output says so and stays succeeded', async () => {
  const report = {
    outcome: { kind: 'completed' },
    durationMs: 1,
    stdout: captured('{'),
    stderr: captured(''),
  } as const;
  expect(await describeResult(report, 'json')).toMatchObject({
    succeeded: true,
    output_error: expect.stringContaining('not json'),
  });
});

test('large output stays out of the result', async () => {
  const big = 'x'.repeat(RESULT_TEXT_BYTES + 1);
  const report = {
    outcome: { kind: 'completed' },
    durationMs: 1,
    stdout: captured(big),
    stderr: captured(''),
  } as const;
  const result = await describeResult(report, 'text');
  expect(result.stdout?.length).toBe(RESULT_TEXT_BYTES);
  expect(result.stdout_truncated).toBe(true);
});
