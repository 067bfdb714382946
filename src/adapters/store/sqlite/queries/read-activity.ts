import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ActivityBounds, ActivitySample, SampledExecution } from '#domain/activity.ts';
import { letsThrough } from '#domain/confinement.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';

interface Row {
  readonly id: number;
  readonly action_ref: string;
  readonly status: string;
  readonly created: number;
  readonly started_at: number | null;
  readonly updated: number;
}

/** Bytes behind which times of all executions of a sample stand: SQLite goes through them. Larger ones are left out. */
const MOST_BEFORE = 16 * 1024 * 1024;

/** Ids may be so far from the order of their times. */
const DISORDER = 100;

/** Looks at every so many-eth execution from the first on that has not ended before the window. */
export function readActivity(
  { database, now }: Sqlite,
  { windowMs, most, leaseMs, confinedTo }: ActivityBounds,
): ActivitySample {
  const at = now();
  const next = database.query<Row, [number]>(
    'SELECT id, action_ref, status, created, started_at, updated FROM execution WHERE id >= ? ORDER BY id LIMIT 1',
  );
  const ends = database
    .query<{ low: number; high: number }, []>(
      `SELECT COALESCE((SELECT min(id) FROM execution), 0) AS low,
        COALESCE((SELECT max(id) FROM execution), 0) AS high`,
    )
    .get() ?? { low: 0, high: 0 };
  const low = Math.max(ends.low, firstSince(next, ends, at - windowMs) - DISORDER);
  const step = Math.max(1, Math.ceil((ends.high - low + 1) / most));
  const sizeOf = database.query<{ bytes: number }, [number]>(
    `SELECT COALESCE(octet_length(config), 0) + COALESCE(octet_length(result), 0) AS bytes FROM execution WHERE id = ?`,
  );
  const executions: SampledExecution[] = [];
  let bytes = 0;
  for (let id = low; id <= ends.high; id += step) {
    const size = sizeOf.get(id)?.bytes;
    if (size === undefined || bytes + size > MOST_BEFORE) continue;
    bytes += size;
    const row = next.get(id);
    if (row && letsThrough(confinedTo, row.action_ref)) executions.push(sampled(row));
  }
  return { now: at, step, executions, slots: slotsOf({ database }, at - leaseMs) };
}

/** The first id whose execution has not ended before a time, found by halving. */
function firstSince(
  next: { get(id: number): Row | null },
  ends: { readonly low: number; readonly high: number },
  since: number,
): number {
  let low = ends.low;
  for (let high = ends.high + 1; low < high; ) {
    const middle = Math.floor((low + high) / 2);
    const row = next.get(middle);
    if (row && hasEnded(row) && row.updated < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sampled(row: Row): SampledExecution {
  return {
    created: row.created,
    started: row.started_at ?? undefined,
    ended: hasEnded(row) ? row.updated : undefined,
    hasFailed: FAILED.includes(row.status),
  };
}

const FAILED: readonly string[] = ['failed', 'timeout', 'abandoned'];
const ENDED: readonly string[] = FINAL_STATUSES;

function hasEnded({ status }: Row): boolean {
  return ENDED.includes(status);
}

function slotsOf({ database }: Pick<Sqlite, 'database'>, since: number): number {
  const row = database
    .query<{ slots: number | null }, [number]>(`
      SELECT sum(capabilities ->> 'max_concurrent_executions') AS slots FROM worker
      WHERE last_heartbeat >= ? AND instance IS NOT NULL`)
    .get(since);
  return row?.slots ?? 0;
}
