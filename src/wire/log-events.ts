import { z } from 'zod';
import { STREAM_NAMES } from '#domain/execution.ts';

/** The event `log`: one chunk of a stream. */
export const logEvent = z.object({
  attempt: z.int(),
  stream: z.enum(STREAM_NAMES),
  /** Bytes of the stream before this chunk. */
  offset: z.int(),
  /** ISO 8601. */
  at: z.string(),
  data: z.base64(),
});
export type LogEvent = z.infer<typeof logEvent>;

/** The event `status`, which says that an execution has another status now. */
export const statusEvent = z.object({ id: z.int(), status: z.string() });
export type StatusEvent = z.infer<typeof statusEvent>;
