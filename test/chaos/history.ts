/** What a round of chaos left behind, and whether it is what was promised. Pure: see history.test.ts. */
import { type ExecutionStatus, isFinal, TRANSITIONS } from '#domain/execution-status.ts';
import { completedStatus } from '#domain/messages.ts';
import { type Attempts, attemptsOf, type Line, overlaps } from './attempts.ts';
import { expectedStream, STREAMS, type Stream } from './output.ts';

export interface Observed {
  /** Requests that the API has confirmed. */
  readonly confirmed: readonly number[];
  readonly executions: readonly ObservedExecution[];
  /** What the actions themselves wrote, in order. */
  readonly lines: readonly Line[];
  /** Every change of status, in order, as a trigger of the database saw it; undefined: nobody looked. */
  readonly changes?: readonly {
    readonly execution: number;
    readonly from: ExecutionStatus;
    readonly to: ExecutionStatus;
  }[];
  /** All messages ExecutionCompleted that a queue has caught; undefined: none did. */
  readonly messages?: readonly { readonly messageId: string; readonly execution: number; readonly status: string }[];
  /** Every claim that has ended, as a trigger saw it: until when its lease would have held. */
  readonly endedClaims: readonly {
    readonly execution: number;
    readonly attempt: number;
    readonly leaseUntil: number;
  }[];
  readonly artifacts: readonly ObservedArtifact[];
  /** How many chunks of logs have been deleted or changed. */
  readonly lostChunks: number;
  readonly leftClaims: number;
  readonly leftOutbox: number;
  /** The longest time for which a worker said that it is ready and claimed nothing of what was meant for it. */
  readonly deafestS: number;
}

interface ObservedExecution {
  readonly id: number;
  /** The name of its action, without its pack. */
  readonly action: string;
  readonly status: ExecutionStatus;
  readonly attempt: number;
  readonly retryCount: number;
  /** The attempt that its result speaks of; undefined: none. */
  readonly resultAttempt: number | undefined;
  /** Why it is not completed, as its result says. */
  readonly error?: string | undefined;
  readonly logs: readonly ObservedLog[];
}

interface ObservedLog {
  readonly attempt: number;
  readonly stream: Stream;
  /** Its chunks, one after the other. */
  readonly text: string;
}

interface ObservedArtifact {
  readonly execution: number;
  readonly attempt: number;
  /** Of what is recorded and of what is in its file, as SHA-256. */
  readonly recorded: string;
  readonly kept: string;
  readonly expected: string;
}

/** How long a worker may be deaf and say that it is ready. */
const MOST_DEAF_S = 30;

/** Every broken promise, one sentence each. */
export function violations(observed: Observed): readonly string[] {
  const known = new Set(observed.executions.map((one) => one.id));
  const attempts = attemptsOf(observed.lines);
  const messages = observed.messages && Map.groupBy(observed.messages, (one) => one.execution);
  const artifacts = Map.groupBy(observed.artifacts, (one) => one.execution);
  const sometimes = (count: number, text: string): readonly string[] => (count > 0 ? [`${count} ${text}`] : []);
  return [
    ...observed.confirmed.filter((id) => !known.has(id)).map((id) => `${id}: confirmed and lost`),
    ...observed.executions.flatMap((one) => [
      ...checkRun(one, attempts.get(one.id)),
      ...checkLogs(one),
      ...(messages ? checkMessages(one, messages.get(one.id) ?? []) : []),
      ...checkArtifacts(one, artifacts.get(one.id) ?? []),
    ]),
    ...checkChanges(observed.changes ?? []),
    ...overlaps(attempts, observed.endedClaims).flatMap((one) =>
      one.isLeaseValid ? [`${one.execution}: attempts ${one.first} and ${one.second} ran at the same time`] : [],
    ),
    ...sometimes(observed.lostChunks, 'chunks of logs were deleted or changed'),
    ...sometimes(observed.leftClaims, 'claims are left'),
    ...sometimes(observed.leftOutbox, 'messages were never published'),
    ...(observed.deafestS > MOST_DEAF_S ? [`a worker was deaf and said ready for ${observed.deafestS} s`] : []),
  ];
}

function claim(execution: number, isBroken: boolean, text: () => string): readonly string[] {
  return isBroken ? [`${execution}: ${text()}`] : [];
}

function checkRun(one: ObservedExecution, attempts: Attempts | undefined): readonly string[] {
  const starts = attempts?.starts ?? [];
  const ends = attempts?.ends ?? [];
  const { id, status, attempt } = one;
  return [
    ...claim(id, !isFinal(status), () => `ended as ${status}`),
    ...claim(id, new Set(starts).size !== starts.length, () => `an attempt was started twice: ${starts.join(', ')}`),
    ...claim(
      id,
      starts.length > one.retryCount + 1,
      () => `${starts.length} starts, and only ${one.retryCount} retries recorded`,
    ),
    ...claim(id, status === 'failed', () => `failed, though its action never does: ${one.error}`),
    ...claim(id, status === 'timeout', () => `given up, though workers come again: ${one.error}`),
    ...claim(
      id,
      status === 'completed' && !ends.includes(attempt),
      () => `completed, but attempt ${attempt} never ended`,
    ),
    ...claim(
      id,
      status === 'completed' && one.resultAttempt !== undefined && one.resultAttempt !== attempt,
      () => `attempt ${attempt} has the result of attempt ${one.resultAttempt}`,
    ),
  ];
}

/** The log of a completed execution is all that it said; that of an attempt which was cut short has no hole. */
function checkLogs({ id, action, status, attempt, logs }: ObservedExecution): readonly string[] {
  const textOf = (stream: Stream): string =>
    logs.find((one) => one.attempt === attempt && one.stream === stream)?.text ?? '';
  const streams = STREAMS.filter((stream) => expectedStream(action, { execution: id, attempt, stream }) !== undefined);
  const wholes = status === 'completed' ? streams : [];
  return [
    ...wholes.flatMap((stream) => {
      const expected = expectedStream(action, { execution: id, attempt, stream }) ?? '';
      return claim(
        id,
        textOf(stream) !== expected,
        () => `its ${stream} is ${describe(textOf(stream))}, not ${describe(expected)}`,
      );
    }),
    ...logs.flatMap((one) =>
      claim(
        id,
        expectedStream(action, { execution: id, ...one })?.startsWith(one.text) === false,
        () => `${one.stream} of attempt ${one.attempt} has a hole: ${describe(one.text)}`,
      ),
    ),
  ];
}

function describe(text: string): string {
  return text.length <= 100 ? JSON.stringify(text) : `${text.length} bytes`;
}

function checkMessages(
  { id, status }: ObservedExecution,
  said: readonly { readonly messageId: string; readonly status: string }[],
): readonly string[] {
  const ids = new Set(said.map((message) => message.messageId));
  const expected = isFinal(status) ? completedStatus(status) : undefined;
  return [
    ...claim(id, ids.size !== 1, () => `${ids.size} different messages of its completion`),
    ...claim(
      id,
      said.some((message) => message.status !== expected),
      () => `is ${status}, and a message says ${said.map((message) => message.status).join(', ')}`,
    ),
  ];
}

function checkArtifacts(
  { id, action, status, attempt }: ObservedExecution,
  artifacts: readonly ObservedArtifact[],
): readonly string[] {
  if (action !== 'keeps' || status !== 'completed') return [];
  const [own, ...others] = artifacts.filter((one) => one.attempt === attempt);
  if (!own || others.length > 0) return [`${id}: ${others.length + (own ? 1 : 0)} artifacts of attempt ${attempt}`];
  return claim(
    id,
    own.recorded !== own.expected || own.kept !== own.expected,
    () => `its artifact is not what it wrote: recorded ${own.recorded}, kept ${own.kept}`,
  );
}

function checkChanges(changes: NonNullable<Observed['changes']>): readonly string[] {
  return changes.flatMap(({ execution, from, to }) =>
    TRANSITIONS.some((one) => one.from === from && one.to === to) ? [] : [`${execution}: went from ${from} to ${to}`],
  );
}

export interface Tally {
  readonly executions: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Why executions have ended otherwise than completed, without the numbers and names that differ. */
  readonly byReason: Readonly<Record<string, number>>;
  readonly byAction: Readonly<Record<string, number>>;
  readonly starts: number;
  readonly doubleStarts: number;
  /** Attempts that began while an earlier one still ran whose lease was over. */
  readonly overlapsPastLease: number;
  readonly retries: number;
  readonly logBytes: number;
  readonly artifacts: number;
  readonly duplicateMessages: number;
  readonly deafestS: number;
}

export function tally(observed: Observed): Tally {
  const { executions, lines, messages = [], artifacts, deafestS } = observed;
  const starts = lines.filter((line) => line.what === 'start');
  const found = overlaps(attemptsOf(lines), observed.endedClaims);
  return {
    executions: executions.length,
    byStatus: countBy(executions, (one) => one.status),
    byReason: countBy(
      executions.filter((one) => one.status !== 'completed'),
      ({ status, error }) => `${status}: ${(error ?? 'no reason').replace(/c-[a-z]+|[0-9][0-9.]*/g, '…')}`,
    ),
    byAction: countBy(executions, (one) => one.action.replace(/-\d+$/, '')),
    starts: starts.length,
    doubleStarts: starts.length - new Set(starts.map((line) => line.execution)).size,
    overlapsPastLease: found.filter((one) => !one.isLeaseValid).length,
    retries: executions.reduce((sum, one) => sum + one.retryCount, 0),
    logBytes: executions.reduce((sum, one) => sum + one.logs.reduce((bytes, log) => bytes + log.text.length, 0), 0),
    artifacts: artifacts.length,
    duplicateMessages: messages.length - new Set(messages.map((one) => one.messageId)).size,
    deafestS,
  };
}

function countBy<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(things, nameOf)].map(([name, all]) => [name, all.length]));
}
