import { z } from 'zod';
import { STREAM_NAMES } from '#domain/execution.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { count, execution, session, text } from './worker-values.ts';

/** A list of log chunks, whose bytes travel in base64. */
export const logChunks = z
  .array(
    z.object({
      execution,
      attempt: count,
      stream: z.enum(STREAM_NAMES),
      seq: count,
      offset: z.int().min(0),
      data: z.base64(),
      at: z.number(),
    }),
  )
  .max(10_000)
  .readonly();

const artifacts = z
  .array(z.object({ name: text, bytes: z.int().min(0), checksum: text, path: text }))
  .max(10_000)
  .readonly()
  .optional();

const verdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('final'),
    status: z.enum(FINAL_STATUSES),
    result: z.unknown(),
    secrets: z
      .array(z.object({ path: text, value: z.unknown() }))
      .max(1000)
      .readonly()
      .optional(),
  }),
  z.object({
    kind: z.literal('again'),
    reason: z.string(),
    delayMs: z.number().min(0),
    result: z.unknown(),
    isFree: z.boolean().optional(),
  }),
]);

/** A list of what became of executions: their ends, or their ways back to the scheduler. */
export const settlements = z
  .array(session.extend({ execution, attempt: count, artifacts, verdict }))
  .max(1000)
  .readonly();

/** The executions whose settlement counts; the settlements of the others were stale. */
export const settled = z.object({ accepted: z.array(execution).readonly() });
