import { z } from 'zod';

/** The answer of `GET /executions/{id}/placement` and `GET /actions/{ref}/placement`. */
export const placement = z
  .object({
    problem: z
      .string()
      .nullable()
      .meta({ description: 'why no worker can ever run it; null: nothing keeps all of them' }),
    able: z.int().meta({ description: 'workers that can run it' }),
    free: z.int().meta({ description: 'those of them that have room now' }),
    workers: z
      .array(
        z.object({
          id: z.int(),
          name: z.string(),
          misses: z.array(z.string()).meta({ description: 'all that it would need to run it; none: it can' }),
          busy: z.string().nullable().meta({ description: 'why it takes nothing now; null: it has room' }),
        }),
      )
      .meta({ description: 'the nearest ones first, ten at most' }),
    is_complete: z.boolean().meta({ description: 'false: there are more workers than were looked at' }),
  })
  .meta({ id: 'Placement' });
export type Placement = z.infer<typeof placement>;
