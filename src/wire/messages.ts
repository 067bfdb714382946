import { z } from 'zod';
import { absentAsUndefined, count, execution, session } from './worker-values.ts';

/** The event `message` of a worker's queue. */
export const incomingMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dispatch'), execution, worker: session.shape.worker, attempt: absentAsUndefined(count) }),
  z.object({ kind: z.literal('cancel'), execution }),
  z.object({ kind: z.literal('pack-changed'), packRef: z.string() }),
  z.object({ kind: z.literal('execution-changed'), execution }),
]);
