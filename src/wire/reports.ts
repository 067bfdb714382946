import { z } from 'zod';
import type { StoredFile } from '#domain/artifact.ts';
import { STREAM_NAMES } from '#domain/execution.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { isRecord } from '#domain/record.ts';
import { count, execution, MOST_TEXT, session, text } from './worker-values.ts';

const BASE64 = '^([0-9A-Za-z+/]{4})*([0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?$';

/** A list of log chunks, whose bytes travel in base64. */
export const logChunks = z
  .array(
    z.object({
      execution,
      attempt: count,
      stream: z.enum(STREAM_NAMES),
      seq: count,
      offset: z.int().min(0),
      data: z.base64().meta({ pattern: BASE64 }),
      at: z.number(),
    }),
  )
  .max(1000)
  .readonly();

/** There may be thousands of them, and zod takes microseconds for each member of each. */
const storedFile = z.custom<StoredFile>(isStoredFile, 'expected name, bytes, checksum and path').meta({
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: MOST_TEXT },
    bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    checksum: { type: 'string', maxLength: MOST_TEXT },
    path: { type: 'string', maxLength: MOST_TEXT },
  },
  required: ['name', 'bytes', 'checksum', 'path'],
});

const artifacts = z.array(storedFile).max(10_000).readonly().optional();

const verdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('final'),
    status: z.enum(FINAL_STATUSES),
    result: z.unknown().nonoptional(),
    secrets: z
      .array(z.object({ path: text, value: z.unknown().nonoptional() }))
      .max(1000)
      .readonly()
      .optional(),
  }),
  z.object({
    kind: z.literal('again'),
    reason: z.string(),
    delayMs: z.number().min(0),
    result: z.unknown().nonoptional(),
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

function isStoredFile(value: unknown): value is StoredFile {
  if (!isRecord(value)) return false;
  const { name, bytes, checksum, path } = value;
  const isText = (one: unknown): boolean => typeof one === 'string' && one.length <= MOST_TEXT;
  return [name, checksum, path].every(isText) && Number.isSafeInteger(bytes) && Number(bytes) >= 0;
}
