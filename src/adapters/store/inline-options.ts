import { z } from 'zod';
import type { InlineOptions } from '#domain/client-store.ts';

const schema = z.object({
  runtime_version: z.string().optional(),
  parameter_delivery: z.enum(['stdin', 'file']).optional(),
  parameter_format: z.enum(['json', 'dotenv', 'yaml']).optional(),
  output_format: z.enum(['text', 'json', 'yaml', 'jsonl']).optional(),
});

/** The column; one that is malformed says nothing. */
export function readInlineOptions(column: unknown): InlineOptions {
  return schema.catch({}).parse(column ?? {});
}
