import { z } from 'zod';

/** The answer of `GET /activity`. */
export const activity = z
  .object({
    minutes: z
      .array(
        z.object({
          at: z.string(),
          requested: z.int(),
          ended: z.int(),
          failed: z.int().meta({ description: 'of those that ended: failed, timed out or abandoned' }),
          waiting: z.int().meta({ description: 'at the end of the minute' }),
          running: z.int().meta({ description: 'at the end of the minute' }),
          wait_p95_ms: z.number().nullable().meta({
            description: 'what 95 of 100 of those that began in the minute had waited at most; null: none began',
          }),
        }),
      )
      .meta({ description: 'the last hour, the oldest first; the last one goes on' }),
    slots: z.int().meta({ description: 'of the workers that are alive now' }),
    sampled: z
      .int()
      .meta({ description: '1: every execution was looked at; else one of so many, and counts are scaled' }),
  })
  .meta({ id: 'Activity' });
export type Activity = z.infer<typeof activity>;
