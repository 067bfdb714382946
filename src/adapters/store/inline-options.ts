import { z } from 'zod';
import { OUTPUT_FORMATS, PARAMETER_DELIVERIES, PARAMETER_FORMATS } from '#domain/action.ts';
import type { InlineOptions } from '#domain/client-store.ts';

const schema = z.object({
  runtime_version: z.string().optional(),
  parameter_delivery: z.enum(PARAMETER_DELIVERIES).optional(),
  parameter_format: z.enum(PARAMETER_FORMATS).optional(),
  output_format: z.enum(OUTPUT_FORMATS).optional(),
});

/** Reads the column of inline options; a malformed column counts as empty. */
export function readInlineOptions(column: unknown): InlineOptions {
  return schema.catch({}).parse(column ?? {});
}
