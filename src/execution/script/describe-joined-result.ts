import type { OutputFormat } from '#domain/action.ts';
import type { ExecutionResult, Outcome } from '#domain/execution.ts';
import { isRecord } from '#domain/record.ts';
import type { Capture } from '#execution/process/capture.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { parseJson } from '#formats/json.ts';
import { type DataWork, dataWorkHere } from './data-work.ts';
import { adviceFor, dataOf, decode, type ResultDependencies, type UnstartedOutcome } from './describe-result.ts';

interface JoinedDependencies extends ResultDependencies {
  /** The absolute path of the log of stderr; undefined: there is none. */
  readonly stderrLog: string | undefined;
}

/** The exit code of a process that had none of its own: a signal or the agent ended it. */
const NO_EXIT_CODE = -1;
/** The lines of stderr that are an error as a whole; of more, the last one is. */
const MOST_ERROR_LINES = 5;

/** Describes the end of a script as the executor and the page of Attune's Rust control plane read it. */
export async function describeJoinedResult(
  { outcome, durationMs, stdout, stderr }: CommandReport,
  format: OutputFormat,
  { exceeded, work = dataWorkHere, stderrLog }: JoinedDependencies,
): Promise<ExecutionResult> {
  const duration_ms = Math.round(durationMs);
  if (outcome.kind === 'not-started')
    return { succeeded: false, error: `Action execution failed: ${outcome.reason}`, duration_ms };
  const data = outcome.kind === 'completed' ? await joinedDataOf(stdout, format, work) : {};
  const shown = {
    duration_ms,
    ...(data.data === undefined && stdout.totalBytes > 0 && { stdout: decode(stdout.bytes) }),
    ...cutOf('stdout', stdout),
    ...cutOf('stderr', stderr),
    ...(stderrLog !== undefined && stderr.totalBytes > 0 && { stderr_log: stderrLog }),
    ...data,
  };
  if (outcome.kind === 'completed') return { succeeded: true, exit_code: 0, ...shown };
  const met = exceeded === undefined ? '' : ` (it met limits.${exceeded})`;
  return { succeeded: false, ...endOf(outcome, `${errorOf(outcome, stderr)}${met}`), ...shown };
}

/** The result of an execution that never began: something that it needs cannot be had. */
export function describeJoinedUnstarted(outcome: UnstartedOutcome): ExecutionResult {
  return outcome.kind === 'cancelled'
    ? { succeeded: false, ...endOf(outcome, CANCELLED), duration_ms: 0 }
    : { succeeded: false, error: `Failed to prepare execution context: ${outcome.reason}`, duration_ms: 0 };
}

type Failure = Exclude<Outcome, { kind: 'completed' | 'not-started' }>;

const CANCELLED = 'Execution cancelled by user';

function endOf(
  outcome: Failure,
  error: string,
): Pick<ExecutionResult, 'exit_code' | 'error' | 'signal' | 'cancelled' | 'timed_out'> {
  switch (outcome.kind) {
    case 'failed':
      return { exit_code: outcome.exitCode, error };
    case 'killed':
      return { exit_code: NO_EXIT_CODE, error, signal: outcome.signal };
    case 'timed-out':
      return { exit_code: NO_EXIT_CODE, error, timed_out: true };
    case 'cancelled':
      return { exit_code: NO_EXIT_CODE, error, cancelled: true };
  }
}

function errorOf(outcome: Failure, stderr: Capture): string {
  switch (outcome.kind) {
    case 'failed':
      return textOf(stderr) ?? `Command exited with code ${outcome.exitCode}`;
    case 'killed':
      return textOf(stderr) ?? `Command exited with code ${NO_EXIT_CODE} (killed by ${outcome.signal})`;
    case 'timed-out':
      return `Execution timed out after ${outcome.timeoutMs / 1000} seconds`;
    case 'cancelled':
      return CANCELLED;
  }
}

/** All of a short stderr, or its last line; undefined if it is blank. */
function textOf({ bytes, tail, totalBytes }: Capture): string | undefined {
  const end = decode(tail).trim();
  if (end === '') return undefined;
  const lines = end.split('\n');
  const isShort = lines.length <= MOST_ERROR_LINES && totalBytes === bytes.length;
  return `${isShort ? end : (lines.at(-1) ?? '')}${adviceFor(end)}`;
}

function cutOf(stream: 'stdout' | 'stderr', { bytes, totalBytes, loggedBytes }: Capture): Partial<ExecutionResult> {
  const kept = stream === 'stdout' ? Math.min(bytes.length, loggedBytes) : loggedBytes;
  if (kept >= totalBytes) return {};
  return { [`${stream}_truncated`]: true, [`${stream}_bytes_truncated`]: totalBytes - kept };
}

type OutputData = Pick<ExecutionResult, 'data' | 'output_error'>;

/** The data of its output, and what it says there about the items of its queue, where the executor looks for it. */
async function joinedDataOf(
  stdout: Capture,
  format: OutputFormat,
  work: Pick<DataWork, 'readOutput'>,
): Promise<OutputData & Pick<ExecutionResult, 'queue_ack'>> {
  const read = await dataOf(stdout, format, work);
  const isPartly = format === 'jsonl' && read.output_error !== undefined && stdout.totalBytes === stdout.bytes.length;
  const { data, ...rest } = isPartly ? { data: linesThatAreJson(decode(stdout.bytes)) } : read;
  if (data === undefined) return rest;
  return { ...rest, data, ...(isRecord(data) && data['queue_ack'] !== undefined && { queue_ack: data['queue_ack'] }) };
}

function linesThatAreJson(text: string): readonly unknown[] {
  return text.split('\n').flatMap((line) => {
    const parsed = parseJson(line);
    return parsed.ok ? [parsed.value] : [];
  });
}
