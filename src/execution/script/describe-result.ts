import type { OutputFormat } from '#domain/action.ts';
import type { ExecutionResult, Outcome } from '#domain/execution.ts';
import { BEGINNING_BYTES, type Capture, KEPT_BYTES } from '#execution/process/capture.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { type DataWork, dataWorkHere } from './data-work.ts';
import { lastLineOf } from './last-line.ts';
import { reasonIn } from './reason.ts';

/** The bytes of each stream that a result carries; larger output stays in the log. */
export const RESULT_TEXT_BYTES = BEGINNING_BYTES;
/** Enough for a long trace, above which the reason stands. */
const TRACE_BYTES = 8192;

export interface ResultDependencies {
  /** The limit of its sandbox that the script has met. */
  readonly exceeded?: string | undefined;
  /** Reads the output; left out: here and at once. */
  readonly work?: Pick<DataWork, 'readOutput'> | undefined;
}

/** Describes the end of a script as the document that is stored as `execution.result`. */
export async function describeResult(
  report: CommandReport,
  format: OutputFormat,
  { exceeded, work = dataWorkHere }: ResultDependencies = {},
): Promise<ExecutionResult> {
  const end = describeEnd(report, exceeded);
  return report.outcome.kind === 'completed' ? { ...end, ...(await dataOf(report.stdout, format, work)) } : end;
}

function describeEnd({ outcome, durationMs, stdout, stderr }: CommandReport, exceeded?: string): ExecutionResult {
  const error = (end: Exclude<Outcome, { kind: 'completed' }>): string =>
    `${sentence(end, stderr)}${exceeded === undefined ? '' : ` (it met limits.${exceeded})`}`;
  const common = {
    duration_ms: Math.round(durationMs),
    ...(stdout.totalBytes > 0 && { stdout: excerpt(stdout) }),
    ...(isLong(stdout) && { stdout_truncated: true as const }),
    ...(outcome.kind !== 'completed' && stderr.totalBytes > 0 && { stderr: excerpt(stderr) }),
    ...(outcome.kind !== 'completed' && isLong(stderr) && { stderr_truncated: true as const }),
  };
  switch (outcome.kind) {
    case 'completed':
      return { succeeded: true, exit_code: 0, ...common };
    case 'failed':
      return { succeeded: false, exit_code: outcome.exitCode, error: error(outcome), ...common };
    case 'killed':
      return {
        succeeded: false,
        exit_code: 128 + outcome.signalNumber,
        signal: outcome.signal,
        error: error(outcome),
        ...common,
      };
    case 'timed-out':
      return { succeeded: false, timed_out: true, error: error(outcome), ...common };
    case 'cancelled':
      return { succeeded: false, cancelled: true, error: error(outcome), ...common };
    case 'not-started':
      return { succeeded: false, error: error(outcome), duration_ms: common.duration_ms };
  }
}

export interface ScriptEnd {
  readonly outcome: Outcome;
  readonly result: ExecutionResult;
}

export type UnstartedOutcome = Extract<Outcome, { kind: 'not-started' | 'cancelled' }>;

/** The end of a script that never began. */
export function unstarted(outcome: UnstartedOutcome): ScriptEnd {
  const nothing = { bytes: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0, loggedBytes: 0 };
  return { outcome, result: describeEnd({ outcome, durationMs: 0, stdout: nothing, stderr: nothing }) };
}

function sentence(outcome: Exclude<Outcome, { kind: 'completed' }>, stderr: Capture): string {
  switch (outcome.kind) {
    case 'failed': {
      const end = decode(stderr.tail.subarray(-TRACE_BYTES));
      const reason = reasonIn(end);
      return `exit code ${outcome.exitCode}${reason === '' ? '' : `: ${reason.slice(0, 500)}`}${adviceFor(end)}`;
    }
    case 'killed':
      return `killed by ${outcome.signal}`;
    case 'timed-out':
      return `timed out after ${outcome.timeoutMs / 1000} s`;
    case 'cancelled':
      return 'cancelled';
    case 'not-started':
      return `not started: ${outcome.reason}`;
  }
}

/** What programs say when their user has no name: ssh (also as git calls it), coreutils, Python, PostgreSQL, Node.js. */
const UNNAMED_USER =
  /^No user exists for uid (\d+)|cannot find name for user ID (\d+)|getpwuid\(\): uid not found: (\d+)|local user with ID (\d+) does not exist|could not look up effective user ID (\d+)|uv_os_get_passwd returned ENOENT/m;

/** The advice that mends a failure which this container causes, whatever the script is. */
export function adviceFor(stderr: string): string {
  const said = UNNAMED_USER.exec(stderr);
  if (!said) return '';
  const uid = said.slice(1).find((one) => one !== undefined) ?? 'UID';
  return ` (its user needs a name: add a line such as 'agent:x:${uid}:0::/tmp:/bin/sh' to /etc/passwd of the image)`;
}

export async function dataOf(
  stdout: Capture,
  format: OutputFormat,
  work: Pick<DataWork, 'readOutput'>,
): Promise<Pick<ExecutionResult, 'data' | 'output_error'>> {
  const isShort = stdout.totalBytes <= KEPT_BYTES || format === 'text';
  const text = isShort ? stdout.bytes : format === 'json' ? lastLineOf(stdout.tail) : undefined;
  if (!text)
    return {
      output_error: `its output of ${stdout.totalBytes} bytes is too long for a result, which holds ${KEPT_BYTES} bytes of ${format}: it is in the log`,
    };
  const parsed = await work.readOutput(text, format);
  if (!parsed.ok) return { output_error: parsed.error };
  return parsed.value === undefined ? {} : { data: parsed.value };
}

function excerpt(capture: Capture): string {
  return decode(capture.bytes.subarray(0, RESULT_TEXT_BYTES));
}

function isLong(capture: Capture): boolean {
  return capture.totalBytes > RESULT_TEXT_BYTES;
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
