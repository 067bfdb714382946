import { EXIT } from '#cli/exit-codes.ts';
import { printable } from '#cli/printable.ts';
import { paint } from '#cli/terminal.ts';
import { isRecord } from '#domain/record.ts';
import type { Execution } from '#wire/executions.ts';

/** One line of an execution's end for people, with its data and a warning. */
export function summary({ id, action_ref, status, result }: Execution): string {
  const details = isRecord(result) ? result : {};
  const actionRef = printable(action_ref);
  if (status === 'completed') {
    const data = details['data'] === undefined ? [] : [`result: ${JSON.stringify(details['data'])}`];
    const flaw = details['output_error'];
    const warning = flaw === undefined ? [] : [paint('yellow', `warning: ${printable(String(flaw))}`, process.stderr)];
    const verdict = `${paint('green', '✔', process.stderr)} ${actionRef} completed (execution ${id})`;
    return [verdict, ...data, ...warning, ''].join('\n');
  }
  return `${paint('red', '✘', process.stderr)} ${actionRef} ${status} (execution ${id}): ${printable(String(details['error'] ?? ''))}\n`;
}

export function exitCodeOf({ status }: Execution, interrupted: number | undefined): number {
  if (interrupted !== undefined) return interrupted;
  if (status === 'completed') return EXIT.success;
  return status === 'timeout' ? EXIT.timedOut : EXIT.failure;
}
