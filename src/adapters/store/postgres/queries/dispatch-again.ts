import { type DispatchRow, dispatchHints } from '#adapters/store/hints.ts';
import { MOST_DISPATCHED_AGAIN } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { Messages } from '#domain/messages.ts';

/**
 * Dispatches again the scheduled executions that no worker has claimed for a while, because a dispatch message may be
 * lost, expired or rejected while the committed row is the truth.
 */
export async function dispatchAgain({ sql }: Caller, olderThanMs: number): Promise<Messages> {
  const rows = await sql<DispatchRow[]>`
    WITH late AS (
      SELECT e.id FROM execution e
      WHERE e.indexed_status = 'assigned' AND e.status = 'scheduled' AND e.worker IS NOT NULL
        AND e.dispatched_at < now() - make_interval(secs => ${olderThanMs / 1000})
      LIMIT ${MOST_DISPATCHED_AGAIN} FOR UPDATE OF e SKIP LOCKED
    ), again AS (
      UPDATE execution e SET dispatched_at = now() FROM late WHERE e.id = late.id
      RETURNING e.id, e.worker, e.attempt
    )
    SELECT again.*, COALESCE(w.capabilities->'batched_dispatch' = 'true', false) AS takes_batches
    FROM again JOIN worker w ON w.id = again.worker ORDER BY again.id`;
  return { messages: dispatchHints(rows) };
}
