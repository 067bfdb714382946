import { expect, test } from 'bun:test';
import type { OutputFormat } from '#domain/action.ts';
import type { Outcome } from '#domain/execution.ts';
import { describeJoinedResult, describeJoinedUnstarted } from '#execution/script/describe-joined-result.ts';

interface Ended {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly format?: OutputFormat;
  readonly exceeded?: string;
}

const captured = (text: string) => {
  const bytes = Buffer.from(text);
  return { bytes, tail: bytes, totalBytes: bytes.length, loggedBytes: bytes.length };
};

async function describe(outcome: Outcome, { stdout = '', stderr = '', format = 'json', exceeded }: Ended = {}) {
  const report = { outcome, durationMs: 12.4, stdout: captured(stdout), stderr: captured(stderr) };
  return await describeJoinedResult(report, format, { exceeded, stderrLog: '/artifacts/execution_1/stderr.log' });
}

const failed: Outcome = { kind: 'failed', exitCode: 2 };

test('a success has its output either as data or as text', async () => {
  expect(await describe({ kind: 'completed' }, { stdout: '{"a":1}' })).toEqual({
    succeeded: true,
    exit_code: 0,
    duration_ms: 12,
    data: { a: 1 },
  });
  expect(await describe({ kind: 'completed' }, { stdout: 'hello\n', stderr: 'note', format: 'text' })).toEqual({
    succeeded: true,
    exit_code: 0,
    duration_ms: 12,
    stdout: 'hello\n',
    stderr_log: '/artifacts/execution_1/stderr.log',
  });
  expect(await describe({ kind: 'completed' })).toEqual({ succeeded: true, exit_code: 0, duration_ms: 12 });
  expect(await describe({ kind: 'completed' }, { stdout: 'no json' })).toMatchObject({
    stdout: 'no json',
    output_error: expect.stringContaining('json'),
  });
});

test('lines that are no JSON are passed over, and nothing but blanks is no data', async () => {
  const jsonl = async (stdout: string): Promise<unknown> =>
    (await describe({ kind: 'completed' }, { stdout, format: 'jsonl' })).data;
  expect(await jsonl('{"a":1}\nchatter\n\n[2]\n')).toEqual([{ a: 1 }, [2]]);
  expect(await jsonl('\n \n')).toBeUndefined();
});

test('what an action says about the items of its queue is where the executor looks for it', async () => {
  const ack = { version: 1, items: [{ id: 5, status: 'retry' }] };
  const result = await describe({ kind: 'completed' }, { stdout: JSON.stringify({ queue_ack: ack, other: 1 }) });
  expect(result).toMatchObject({ queue_ack: ack, data: { queue_ack: ack, other: 1 } });
  expect(await describe(failed, { stdout: JSON.stringify({ queue_ack: ack }) })).not.toHaveProperty('queue_ack');
});

test('the error of a failure is a short stderr, its last line, or the exit code', async () => {
  expect(await describe(failed, { stderr: 'one\ntwo\n' })).toMatchObject({
    succeeded: false,
    exit_code: 2,
    error: 'one\ntwo',
  });
  expect((await describe(failed, { stderr: '1\n2\n3\n4\n5' })).error).toBe('1\n2\n3\n4\n5');
  expect((await describe(failed, { stderr: '1\n2\n3\n4\n5\n6\n' })).error).toBe('6');
  expect((await describe(failed, { stderr: ' \n' })).error).toBe('Command exited with code 2');
  expect((await describe(failed, { stdout: 'said' })).stdout).toBe('said');
});

test('signals, time limits and cancels have the exit code -1', async () => {
  const killed: Outcome = { kind: 'killed', signal: 'SIGKILL', signalNumber: 9 };
  expect(await describe(killed, { exceeded: 'memory_bytes' })).toMatchObject({
    exit_code: -1,
    signal: 'SIGKILL',
    error: 'Command exited with code -1 (killed by SIGKILL) (it met limits.memory_bytes)',
  });
  expect(await describe({ kind: 'timed-out', timeoutMs: 300_000 }, { stderr: 'slow' })).toMatchObject({
    succeeded: false,
    exit_code: -1,
    error: 'Execution timed out after 300 seconds',
  });
  expect(await describe({ kind: 'cancelled' }, { stdout: 'so far' })).toMatchObject({
    succeeded: false,
    cancelled: true,
    exit_code: -1,
    error: 'Execution cancelled by user',
    stdout: 'so far',
  });
});

test('what was never started says which of both it was', async () => {
  const reason = 'why';
  expect((await describe({ kind: 'not-started', reason })).error).toBe('Action execution failed: why');
  expect(describeJoinedUnstarted({ kind: 'not-started', reason }).error).toBe(
    'Failed to prepare execution context: why',
  );
  expect(describeJoinedUnstarted({ kind: 'cancelled' })).toMatchObject({ cancelled: true, succeeded: false });
});
