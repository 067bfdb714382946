/** What a round of chaos left behind, and whether it is what was promised. Pure: see history.test.ts. */
import { type ExecutionStatus, isFinal, TRANSITIONS } from '#domain/execution-status.ts';
import { completedStatus } from '#domain/messages.ts';

export interface Observed {
  /** Requests that the API has confirmed. */
  readonly confirmed: readonly number[];
  readonly executions: readonly ObservedExecution[];
  /** What the actions themselves wrote, in order. */
  readonly lines: readonly { readonly execution: number; readonly attempt: number; readonly what: 'start' | 'end' }[];
  /** Every change of status, in order, as a trigger of the database saw it. */
  readonly changes: readonly {
    readonly execution: number;
    readonly from: ExecutionStatus;
    readonly to: ExecutionStatus;
  }[];
  /** All messages ExecutionCompleted that a queue has caught. */
  readonly messages: readonly { readonly messageId: string; readonly execution: number; readonly status: string }[];
  readonly leftClaims: number;
  readonly leftOutbox: number;
}

interface ObservedExecution {
  readonly id: number;
  readonly status: ExecutionStatus;
  readonly attempt: number;
  readonly retryCount: number;
  /** The attempt that its result speaks of; undefined: none. */
  readonly resultAttempt: number | undefined;
  /** stdout of its last attempt, as the log has it. */
  readonly log: string;
}

/** The output of an attempt that ran to its end. */
export function outputOf(execution: number, attempt: number): string {
  return `{"execution":${execution},"attempt":${attempt}}\n`;
}

/** Every broken promise, one sentence each. */
export function violations(observed: Observed): readonly string[] {
  const known = new Map(observed.executions.map((one) => [one.id, one]));
  const lost = observed.confirmed.filter((id) => !known.has(id)).map((id) => `${id}: confirmed and lost`);
  return [
    ...lost,
    ...observed.executions.flatMap((one) => checkExecution(one, observed)),
    ...checkChanges(observed),
    ...(observed.leftClaims > 0 ? [`${observed.leftClaims} claims are left`] : []),
    ...(observed.leftOutbox > 0 ? [`${observed.leftOutbox} messages were never published`] : []),
  ];
}

function checkExecution(one: ObservedExecution, { lines, messages }: Observed): readonly string[] {
  const own = lines.filter((line) => line.execution === one.id);
  const starts = own.filter((line) => line.what === 'start').map((line) => line.attempt);
  const ends = own.filter((line) => line.what === 'end').map((line) => line.attempt);
  const said = messages.filter((message) => message.execution === one.id);
  const ids = new Set(said.map((message) => message.messageId));
  const expected = isFinal(one.status) ? completedStatus(one.status) : undefined;
  const claim = (isBroken: boolean, text: string): readonly string[] => (isBroken ? [`${one.id}: ${text}`] : []);
  return [
    ...claim(!isFinal(one.status), `ended as ${one.status}`),
    ...claim(new Set(starts).size !== starts.length, `an attempt was started twice: ${starts.join(', ')}`),
    ...claim(
      starts.length > one.retryCount + 1,
      `${starts.length} starts, and only ${one.retryCount} retries recorded`,
    ),
    ...claim(
      one.status === 'completed' && !ends.includes(one.attempt),
      `completed, but attempt ${one.attempt} never ended`,
    ),
    ...claim(
      one.status === 'completed' && one.resultAttempt !== one.attempt,
      `attempt ${one.attempt} has the result of attempt ${one.resultAttempt}`,
    ),
    ...claim(
      one.status === 'completed' && one.log !== outputOf(one.id, one.attempt),
      `its log is ${JSON.stringify(one.log)}`,
    ),
    ...claim(ids.size !== 1, `${ids.size} different messages of its completion`),
    ...claim(
      said.some((message) => message.status !== expected),
      `is ${one.status}, and a message says ${said.map((message) => message.status).join(', ')}`,
    ),
  ];
}

function checkChanges({ changes }: Observed): readonly string[] {
  return changes.flatMap(({ execution, from, to }) =>
    TRANSITIONS.some((one) => one.from === from && one.to === to) ? [] : [`${execution}: went from ${from} to ${to}`],
  );
}

export interface Tally {
  readonly executions: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly starts: number;
  readonly doubleStarts: number;
  readonly retries: number;
  readonly duplicateMessages: number;
}

export function tally({ executions, lines, messages }: Observed): Tally {
  const byStatus: Record<string, number> = {};
  for (const { status } of executions) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const starts = lines.filter((line) => line.what === 'start');
  return {
    executions: executions.length,
    byStatus,
    starts: starts.length,
    doubleStarts: starts.length - new Set(starts.map((line) => line.execution)).size,
    retries: executions.reduce((sum, one) => sum + one.retryCount, 0),
    duplicateMessages: messages.length - new Set(messages.map((one) => one.messageId)).size,
  };
}
