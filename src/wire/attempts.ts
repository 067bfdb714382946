import { z } from 'zod';

const time = z.string().nullable();

/** The answer of `GET /executions/{id}/attempts`. */
export const attemptList = z.object({
  attempts: z
    .array(
      z
        .object({
          attempt: z.int(),
          worker: z.int().nullable(),
          worker_name: z.string().nullable(),
          scheduled_at: time.meta({ description: 'when a worker was told of it, the last time' }),
          claimed_at: time.meta({ description: 'when the worker took it' }),
          ended_at: time.meta({ description: 'when its end was stored' }),
          prepared_ms: z.number().nullable().meta({
            description: 'how long its script, runtime and environment took to be ready; null: not known',
          }),
          ran_ms: z.number().nullable().meta({ description: 'how long its process ran; null: not known' }),
          reason: z.string().nullable().meta({ description: 'why another attempt followed' }),
        })
        .meta({ id: 'Attempt' }),
    )
    .meta({ description: 'the first one first; of very many, the newest' }),
});
export type AttemptList = z.infer<typeof attemptList>;
export type Attempt = AttemptList['attempts'][number];
