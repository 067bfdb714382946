/** The checker of chaos must itself see every kind of broken promise. */
import { expect, test } from 'bun:test';
import { type Observed, tally, violations } from '#test/chaos/history.ts';
import { expectedStream, outputOf } from '#test/chaos/output.ts';

const log = (attempt: number, text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({ attempt, stream, text });
const line = (run: `${number} ${number}`, what: 'start' | 'alive' | 'end', at = 0) => {
  const [execution = 0, attempt = 0] = run.split(' ').map(Number);
  return { execution, attempt, what, at };
};
const loud = (stream: 'stdout' | 'stderr') => expectedStream('loud', { execution: 4, attempt: 2, stream }) ?? '';

const good: Observed = {
  confirmed: [1, 2, 3, 4, 5],
  executions: [
    {
      id: 1,
      action: 'often',
      status: 'completed',
      attempt: 1,
      retryCount: 0,
      resultAttempt: 1,
      logs: [log(1, outputOf(1, 1))],
    },
    {
      id: 2,
      action: 'often',
      status: 'completed',
      attempt: 3,
      retryCount: 1,
      resultAttempt: 3,
      logs: [log(3, outputOf(2, 3))],
    },
    { id: 3, action: 'once', status: 'abandoned', attempt: 1, retryCount: 0, resultAttempt: undefined, logs: [] },
    {
      ...{ id: 4, action: 'loud', status: 'completed', attempt: 2, retryCount: 1, resultAttempt: undefined },
      logs: [log(1, 'stdout 4 1 0000'), log(2, loud('stdout')), log(2, loud('stderr'), 'stderr')],
    },
    {
      id: 5,
      action: 'keeps',
      status: 'completed',
      attempt: 1,
      retryCount: 0,
      resultAttempt: 1,
      logs: [log(1, outputOf(5, 1))],
    },
  ],
  lines: [
    line('1 1', 'start'),
    line('1 1', 'end'),
    line('2 1', 'start', 10),
    line('2 1', 'alive', 13),
    line('2 3', 'start', 12),
    line('2 3', 'end', 14),
    line('3 1', 'start'),
    line('4 2', 'start', 20),
    line('4 1', 'start', 21),
    line('4 2', 'end', 22),
    line('5 1', 'start'),
    line('5 1', 'end'),
  ],
  changes: [
    { execution: 1, from: 'requested', to: 'scheduled' },
    { execution: 1, from: 'scheduled', to: 'running' },
    { execution: 1, from: 'running', to: 'completed' },
    { execution: 2, from: 'running', to: 'requested' },
  ],
  messages: [
    { messageId: 'a', execution: 1, status: 'Completed' },
    { messageId: 'a', execution: 1, status: 'Completed' },
    { messageId: 'b', execution: 2, status: 'Completed' },
    { messageId: 'c', execution: 3, status: 'Failed' },
    { messageId: 'd', execution: 4, status: 'Completed' },
    { messageId: 'e', execution: 5, status: 'Completed' },
  ],
  endedClaims: [
    { execution: 2, attempt: 1, leaseUntil: 11.5 },
    { execution: 4, attempt: 1, leaseUntil: 19.5 },
    { execution: 4, attempt: 2, leaseUntil: 30 },
  ],
  artifacts: [{ execution: 5, attempt: 1, recorded: 'x', kept: 'x', expected: 'x' }],
  lostChunks: 0,
  leftClaims: 0,
  leftOutbox: 0,
  deafestS: 2,
};

function withExecution(id: number, changes: Partial<Observed['executions'][number]>): Observed {
  return { ...good, executions: good.executions.map((one) => (one.id === id ? { ...one, ...changes } : one)) };
}

test('a history that keeps every promise has no violation, and a tally', () => {
  expect(violations(good)).toEqual([]);
  expect(tally(good)).toMatchObject({
    executions: 5,
    byStatus: { completed: 4, abandoned: 1 },
    byAction: { often: 2, once: 1, loud: 1, keeps: 1 },
    starts: 7,
    doubleStarts: 2,
    overlapsPastLease: 2,
    retries: 2,
    artifacts: 1,
    duplicateMessages: 1,
    deafestS: 2,
  });
});

const broken: Readonly<Record<string, readonly [Observed, string]>> = {
  'a lost request': [{ ...good, confirmed: [1, 2, 6] }, '6: confirmed and lost'],
  'an execution without an end': [withExecution(3, { status: 'running' }), '3: ended as running'],
  'an execution that failed': [
    withExecution(3, { status: 'failed', error: 'x' }),
    '3: failed, though its action never does: x',
  ],
  'an execution that was given up': [
    withExecution(3, { status: 'timeout', error: 'x' }),
    '3: given up, though workers come again: x',
  ],
  'an attempt that ran twice': [
    { ...good, lines: [...good.lines, line('1 1', 'start')] },
    '1: an attempt was started twice: 1, 1',
  ],
  'an unexplained start': [withExecution(2, { retryCount: 0 }), '2: 2 starts, and only 0 retries recorded'],
  'a completion that never ran': [
    { ...good, lines: good.lines.filter((one) => one.what === 'start') },
    '1: completed, but attempt 1 never ended',
  ],
  'a stale result': [withExecution(2, { resultAttempt: 1 }), '2: attempt 3 has the result of attempt 1'],
  'two attempts at the same time': [
    { ...good, endedClaims: [{ execution: 2, attempt: 1, leaseUntil: 12.5 }] },
    '2: attempts 1 and 3 ran at the same time',
  ],
  'an attempt that begins while the one before it may still begin': [
    { ...good, endedClaims: [{ execution: 4, attempt: 1, leaseUntil: 20.5 }] },
    '4: attempts 1 and 2 ran at the same time',
  ],
  'a log that is missing': [
    withExecution(1, { logs: [] }),
    `1: its stdout is "", not ${JSON.stringify(outputOf(1, 1))}`,
  ],
  'a long log with a missing end': [
    withExecution(4, { logs: [log(2, loud('stdout').slice(0, -1)), log(2, loud('stderr'), 'stderr')] }),
    `4: its stdout is ${loud('stdout').length - 1} bytes, not ${loud('stdout').length} bytes`,
  ],
  'a hole in the log of an attempt that was cut short': [
    withExecution(3, { logs: [log(1, '"attempt":1}\n')] }),
    '3: stdout of attempt 1 has a hole: "\\"attempt\\":1}\\n"',
  ],
  'a missing message': [
    { ...good, messages: (good.messages ?? []).filter((one) => one.execution !== 3) },
    '3: 0 different messages of its completion',
  ],
  'a second message': [
    { ...good, messages: [...(good.messages ?? []), { messageId: 'f', execution: 2, status: 'Completed' }] },
    '2: 2 different messages of its completion',
  ],
  'a message that disagrees': [
    withExecution(1, { status: 'failed' }),
    '1: is failed, and a message says Completed, Completed',
  ],
  'a change after the end': [
    { ...good, changes: [{ execution: 1, from: 'completed', to: 'running' }] },
    '1: went from completed to running',
  ],
  'an artifact that is missing': [{ ...good, artifacts: [] }, '5: 0 artifacts of attempt 1'],
  'an artifact that is not what was written': [
    { ...good, artifacts: [{ execution: 5, attempt: 1, recorded: 'x', kept: 'y', expected: 'x' }] },
    '5: its artifact is not what it wrote: recorded x, kept y',
  ],
  'chunks that are gone': [{ ...good, lostChunks: 3 }, '3 chunks of logs were deleted or changed'],
  'a claim left behind': [{ ...good, leftClaims: 1 }, '1 claims are left'],
  'a message left behind': [{ ...good, leftOutbox: 2 }, '2 messages were never published'],
  'a deaf worker': [{ ...good, deafestS: 31 }, 'a worker was deaf and said ready for 31 s'],
};

for (const [what, [observed, sentence]] of Object.entries(broken))
  test(`the checker sees ${what}`, () => {
    expect(violations(observed)).toContain(sentence);
  });
