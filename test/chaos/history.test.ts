/** The checker of chaos must itself see every kind of broken promise. */
import { expect, test } from 'bun:test';
import { type Observed, outputOf, tally, violations } from '#test/chaos/history.ts';

const good: Observed = {
  confirmed: [1, 2, 3],
  executions: [
    { id: 1, status: 'completed', attempt: 1, retryCount: 0, resultAttempt: 1, log: outputOf(1, 1) },
    { id: 2, status: 'completed', attempt: 3, retryCount: 1, resultAttempt: 3, log: outputOf(2, 3) },
    { id: 3, status: 'abandoned', attempt: 1, retryCount: 0, resultAttempt: undefined, log: '' },
  ],
  lines: [
    { execution: 1, attempt: 1, what: 'start' },
    { execution: 1, attempt: 1, what: 'end' },
    { execution: 2, attempt: 1, what: 'start' },
    { execution: 2, attempt: 3, what: 'start' },
    { execution: 2, attempt: 3, what: 'end' },
    { execution: 3, attempt: 1, what: 'start' },
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
  ],
  leftClaims: 0,
  leftOutbox: 0,
};

function withExecution(id: number, changes: Partial<Observed['executions'][number]>): Observed {
  return { ...good, executions: good.executions.map((one) => (one.id === id ? { ...one, ...changes } : one)) };
}

test('a history that keeps every promise has no violation, and a tally', () => {
  expect(violations(good)).toEqual([]);
  expect(tally(good)).toEqual({
    executions: 3,
    byStatus: { completed: 2, abandoned: 1 },
    starts: 4,
    doubleStarts: 1,
    retries: 1,
    duplicateMessages: 1,
  });
});

const broken: Readonly<Record<string, readonly [Observed, string]>> = {
  'a lost request': [{ ...good, confirmed: [1, 2, 3, 4] }, '4: confirmed and lost'],
  'an execution without an end': [withExecution(3, { status: 'running' }), '3: ended as running'],
  'an attempt that ran twice': [
    { ...good, lines: [...good.lines, { execution: 1, attempt: 1, what: 'start' }] },
    '1: an attempt was started twice: 1, 1',
  ],
  'an unexplained start': [withExecution(2, { retryCount: 0 }), '2: 2 starts, and only 0 retries recorded'],
  'a completion that never ran': [
    { ...good, lines: good.lines.filter((one) => one.what === 'start') },
    '1: completed, but attempt 1 never ended',
  ],
  'a stale result': [withExecution(2, { resultAttempt: 1 }), '2: attempt 3 has the result of attempt 1'],
  'a log with a hole': [withExecution(1, { log: '' }), '1: its log is ""'],
  'a missing message': [{ ...good, messages: good.messages.slice(0, 3) }, '3: 0 different messages of its completion'],
  'a second message': [
    { ...good, messages: [...good.messages, { messageId: 'd', execution: 2, status: 'Completed' }] },
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
  'a claim left behind': [{ ...good, leftClaims: 1 }, '1 claims are left'],
  'a message left behind': [{ ...good, leftOutbox: 2 }, '2 messages were never published'],
};

for (const [what, [observed, sentence]] of Object.entries(broken))
  test(`the checker sees ${what}`, () => {
    expect(violations(observed)).toContain(sentence);
  });
