import { z } from 'zod';
import { absentAsUndefined, count, execution, session } from './worker-values.ts';

/** The event `message` of a worker's queue. */
export const incomingMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('dispatch'),
    execution,
    worker: session.shape.worker,
    attempt: absentAsUndefined(count),
    /* Servers up to 0.1.0 tell of one execution at a time. */
    others: z
      .array(z.object({ execution, attempt: count }))
      .readonly()
      .default([]),
  }),
  z.object({ kind: z.literal('cancel'), execution }),
  z.object({ kind: z.literal('pack-changed'), packRef: z.string() }),
  z.object({ kind: z.literal('execution-changed'), execution }),
]);
