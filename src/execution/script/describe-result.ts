import type { OutputFormat } from '#domain/action.ts';
import type { ExecutionResult, Outcome } from '#domain/execution.ts';
import type { Capture } from '#execution/process/capture.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { parseOutput } from './parse-output.ts';

/** Large output stays in the log: the result carries this much of each stream. */
export const RESULT_TEXT_BYTES = 64 * 1024;
/** And this much output is parsed into `data`. */
export const RESULT_DATA_BYTES = 1024 * 1024;

/** The document stored as `execution.result`. */
export function describeResult(
  { outcome, durationMs, stdout, stderr }: CommandReport,
  format: OutputFormat,
  exceeded?: string,
): ExecutionResult {
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
      return { succeeded: true, exit_code: 0, ...common, ...dataOf(stdout, format) };
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

function sentence(outcome: Exclude<Outcome, { kind: 'completed' }>, stderr: Capture): string {
  switch (outcome.kind) {
    case 'failed': {
      const last = decode(stderr.bytes.subarray(-2048)).trim().split('\n').at(-1) ?? '';
      return `exit code ${outcome.exitCode}${last === '' ? '' : `: ${last.slice(0, 500)}`}`;
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

function dataOf(stdout: Capture, format: OutputFormat): Pick<ExecutionResult, 'data' | 'output_error'> {
  if (stdout.totalBytes > RESULT_DATA_BYTES && format !== 'text')
    return {
      output_error: `its output of ${stdout.totalBytes} bytes is too long for a result, which holds ${RESULT_DATA_BYTES} bytes of ${format}: it is in the log`,
    };
  const parsed = parseOutput(stdout.bytes, format);
  if (!parsed.ok) return { output_error: parsed.error };
  return parsed.value === undefined ? {} : { data: parsed.value };
}

function excerpt(capture: Capture): string {
  return decode(capture.bytes.subarray(0, RESULT_TEXT_BYTES));
}

function isLong(capture: Capture): boolean {
  return capture.totalBytes > RESULT_TEXT_BYTES;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
