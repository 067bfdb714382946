import type { Caller } from '#adapters/store/postgres/connect.ts';
import { within } from '#adapters/store/postgres/within.ts';
import { FINAL } from '#adapters/store/status-lists.ts';
import type { ActivityBounds, ActivitySample } from '#domain/activity.ts';

interface Row {
  readonly created: number;
  readonly started: number | null;
  readonly ended: number | null;
  readonly has_failed: boolean;
}

/** Clocks and transactions: ids may be so far from the order of their times. */
const DISORDER = 100;

/**
 * Looks at every so many-eth execution from the first on that has not ended before the window: that one is found by
 * halving the ids, since those that were requested earlier have mostly ended earlier.
 */
export async function readActivity(
  { sql }: Caller,
  { windowMs, most, leaseMs, confinedTo }: ActivityBounds,
): Promise<ActivitySample> {
  const final = sql.unsafe(FINAL);
  const [ends] = await sql<{ now: number; low: string; high: string; slots: number }[]>`
    WITH RECURSIVE halves (low, high) AS (
      SELECT COALESCE(min(id), 0), COALESCE(max(id), 0) + 1 FROM execution
      UNION ALL
      SELECT CASE WHEN e.is_earlier THEN m.id + 1 ELSE h.low END, CASE WHEN e.is_earlier THEN h.high ELSE m.id END
      FROM halves AS h, LATERAL (SELECT (h.low + h.high) / 2 AS id) AS m,
        LATERAL (
          SELECT status IN ${final} AND updated < now() - make_interval(secs => ${windowMs / 1000}) AS is_earlier
          FROM execution WHERE id >= m.id ORDER BY id LIMIT 1) AS e
      WHERE h.low < h.high
    )
    SELECT extract(epoch FROM now())::float8 * 1000 AS now, GREATEST(max(low) - ${DISORDER}, 0) AS low,
      (SELECT COALESCE(max(id), 0) FROM execution) AS high,
      (SELECT COALESCE(sum((w.capabilities ->> 'max_concurrent_executions')::float8), 0)::float8 FROM worker w
        WHERE w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AND w.meta ? 'instance'
          AND jsonb_typeof(w.capabilities -> 'max_concurrent_executions') = 'number') AS slots
    FROM halves`;
  if (!ends) return { now: 0, step: 1, executions: [], slots: 0 };
  const step = Math.max(1, Math.ceil((Number(ends.high) - Number(ends.low) + 1) / most));
  const ids = sql.unsafe(`generate_series(${Number(ends.low)}::bigint, ${Number(ends.high)}::bigint, ${step}::bigint)`);
  const rows = await sql<Row[]>`
    SELECT extract(epoch FROM e.created)::float8 * 1000 AS created,
      extract(epoch FROM e.started_at)::float8 * 1000 AS started,
      CASE WHEN e.status IN ${final} THEN extract(epoch FROM e.updated)::float8 * 1000 END AS ended,
      e.status IN ('failed', 'timeout', 'abandoned') AS has_failed
    FROM ${ids} AS g (id) JOIN execution e ON e.id = g.id ${within(sql, confinedTo, 'e.action_ref')}`;
  const executions = rows.map(({ created, started, ended, has_failed: hasFailed }) => ({
    ...{ created, started: started ?? undefined, ended: ended ?? undefined, hasFailed },
  }));
  return { now: ends.now, step, executions, slots: ends.slots };
}
