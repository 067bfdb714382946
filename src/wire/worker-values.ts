import { z } from 'zod';
import { HOUR_MS } from '#domain/durations.ts';
import { executionId, workerId } from '#domain/ids.ts';

/** What the calls of workers are made of. Bounds keep one call from filling the memory of a server. */
const digits = z.string().regex(/^\d{1,15}$/, 'expected the digits of an id');

export const execution = digits.transform(executionId);

export const count = z.int().min(0).max(1_000_000_000);

export const MOST_TEXT = 1000;

export const text = z.string().max(MOST_TEXT);

export const texts = z.array(text).max(1000).readonly();

export const leaseMs = z.number().min(0).max(HOUR_MS);

/** The session of a process that holds a worker's name. */
export const session = z.object({ worker: digits.transform(workerId), instance: z.string().min(1).max(100) });

/** A field of an answer that JSON leaves out where its value is undefined. */
export function absentAsUndefined<S extends z.ZodType>(schema: S) {
  return schema.optional().transform((value) => value);
}
