import { z } from 'zod';
import { OUTPUT_FORMATS, PARAMETER_DELIVERIES, PARAMETER_FORMATS } from '#domain/action.ts';
import type { InlineOptions } from '#domain/client-store.ts';
import { failure, type Result, success } from '#domain/result.ts';

const schema = z.object({
  runtime_version: z.string().optional(),
  parameter_delivery: z.enum(PARAMETER_DELIVERIES).optional(),
  parameter_format: z.enum(PARAMETER_FORMATS).optional(),
  output_format: z.enum(OUTPUT_FORMATS).optional(),
});

/** Reads the column of inline options, null where there are none; the error names what is malformed. */
export function readInlineOptions(column: unknown): Result<InlineOptions, string> {
  const parsed = schema.safeParse(column ?? {});
  if (parsed.success) return success(parsed.data);
  const [issue] = parsed.error.issues;
  return failure(`inline_options: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'malformed'}`);
}
