import { z } from 'zod';
import { EXIT } from '#cli/exit-codes.ts';
import { paint } from '#cli/terminal.ts';
import { isRecord } from '#domain/record.ts';

/** The parts of the API's answers that the client looks at; it shows all of them. */
export const execution = z.looseObject({
  id: z.number(),
  action_ref: z.string(),
  status: z.string(),
  result: z.unknown(),
  worker: z.number().nullable().default(null),
  attempt: z.number().default(0),
  created: z.string().default(''),
  updated: z.string().default(''),
});
export type Execution = z.infer<typeof execution>;

export function summary({ id, action_ref: actionRef, status, result }: Execution): string {
  const details = isRecord(result) ? result : {};
  if (status === 'completed') {
    const data = details['data'] === undefined ? [] : [`result: ${JSON.stringify(details['data'])}`];
    return [`${paint('green', '✔', process.stderr)} ${actionRef} completed (execution ${id})`, ...data, ''].join('\n');
  }
  return `${paint('red', '✘', process.stderr)} ${actionRef} ${status} (execution ${id}): ${details['error'] ?? ''}\n`;
}

export function exitCodeOf({ status }: Execution, interrupted: number | undefined): number {
  if (interrupted !== undefined) return interrupted;
  if (status === 'completed') return EXIT.success;
  return status === 'timeout' ? EXIT.timedOut : EXIT.failure;
}
