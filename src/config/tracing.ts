import { z } from 'zod';
import { url } from './setting-types.ts';

/** The section `tracing`. */
export const tracing = z
  .strictObject({
    url: url('http:', 'https:').optional().meta({
      description:
        'Address of a collector that takes OTLP over HTTP, such as `http://collector:4318`, to which spans go; `/v1/traces` is added where it has no path',
      unset: 'nothing is traced; a `traceparent` of a client is handed on all the same',
    }),
    headers: z
      .string()
      .regex(/^[\w-]+=[^,\r\n]+(,[\w-]+=[^,\r\n]+)*$/, 'expected name=value, with a comma before each further one')
      .optional()
      .meta({
        description: 'Headers that the collector wants, such as `authorization=Bearer …`',
        kind: '`name=value`, comma-separated',
        unset: 'none',
      }),
    sample_ratio: z.coerce
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        'Share of traces that are kept, from 0 to 1. A client that sends a `traceparent` has decided for its trace already',
      ),
  })
  .prefault({})
  .describe('Traces of executions, by OpenTelemetry.');
