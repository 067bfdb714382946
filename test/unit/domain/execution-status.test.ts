import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ACTIVE_STATUSES,
  ASSIGNED_STATUSES,
  EXECUTION_STATUSES,
  type ExecutionStatus,
  FINAL_STATUSES,
  isFinal,
  nextStatus,
  RETRYABLE_STATUSES,
  TRANSITIONS,
} from '#domain/execution-status.ts';
import { completedStatus } from '#domain/messages.ts';

test('an event leads from one status to one other', () => {
  const pairs = TRANSITIONS.map(({ from, on }) => `${from} on ${on}`);
  expect(pairs).toEqual([...new Set(pairs)]);
  expect(nextStatus('requested', 'dispatch')).toBe('scheduled');
  expect(nextStatus('running', 'dispatch')).toBeUndefined();
});

test('a client can cancel an execution until it has ended, and then nothing changes it', () => {
  for (const status of EXECUTION_STATUSES) {
    expect(nextStatus(status, 'cancel') === undefined, status).toBe(isFinal(status));
    expect(
      TRANSITIONS.some((one) => one.from === status),
      status,
    ).toBe(!isFinal(status));
  }
});

test('every status can be reached from the first one, except the one that another control plane sets', () => {
  const reached = new Set<ExecutionStatus>(['requested']);
  for (const from of reached) for (const one of TRANSITIONS) if (one.from === from) reached.add(one.to);
  expect(EXECUTION_STATUSES.filter((status) => !reached.has(status))).toEqual(['scheduling']);
});

test('the groups: a status is active or final, and the retryable ones are those that a message calls Failed', () => {
  expect(new Set<ExecutionStatus>([...ACTIVE_STATUSES, ...FINAL_STATUSES]).size).toBe(EXECUTION_STATUSES.length);
  expect(FINAL_STATUSES.filter((status) => completedStatus(status) === 'Failed')).toEqual([...RETRYABLE_STATUSES]);
});

const projectFile = (path: string): string => readFileSync(join(import.meta.dir, '../../..', path), 'utf8');
const wordsIn = (cell: string): readonly string[] => cell.match(/[a-z]+/g) ?? [];

test('docs/protocol.md lists the changes of status that the table allows', () => {
  const section = projectFile('docs/protocol.md').split('## Statuses of an execution')[1]?.split('\n##')[0] ?? '';
  const documented = section.split('\n').flatMap((row) => {
    const [, from = '', to = '', by = ''] = /^\| (`.*?) \| (`.*?) \| (.*?) \|/.exec(row) ?? [];
    return wordsIn(from).flatMap((a) =>
      wordsIn(to).flatMap((b) => wordsIn(by).map((who) => `${a} → ${b} by a ${who}`)),
    );
  });
  const allowed = TRANSITIONS.flatMap(({ from, to, by }) => (from === to ? [] : [`${from} → ${to} by a ${by}`]));
  expect(new Set(documented)).toEqual(new Set(allowed));
});

test('the Helm chart scales by the executions that are requested, or assigned to a worker', () => {
  const query = projectFile('charts/attune-agent/templates/_queue-length.tpl');
  expect(query).toContain("e.status = 'requested'");
  expect(query).toContain(`e.status IN (${ASSIGNED_STATUSES.map((status) => `'${status}'`).join(', ')})`);
});
