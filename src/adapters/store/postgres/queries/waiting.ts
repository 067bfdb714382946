import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type RequirementColumns, readRequirements } from '#adapters/store/requirements.ts';
import type { Place, Round, Visited } from '#adapters/store/turns.ts';
import { executionId } from '#domain/ids.ts';
import type { RequestedExecution } from '#domain/schedule-store.ts';

type Row = RequirementColumns & {
  readonly priority: number;
  readonly lane: string;
  readonly is_cut: boolean;
  readonly has_lower: boolean;
  /** Null: nothing of the lane is due. */
  readonly id: string | null;
  readonly age_s: number;
};

/**
 * Reads what waits with the highest priority below that of the place; undefined if nothing does. Executions are found
 * by their ids, one by one: a planner that knows nothing of a function's rows would read the whole table (`OFFSET 0`).
 */
export async function readRound(
  sql: Caller['sql'],
  { below, limit, afterPack, afterLanes }: Place,
): Promise<Round | undefined> {
  const rows = await sql<Row[]>`
    SELECT w.priority, w.lane, w.is_cut, w.has_lower, e.id, e.action_ref,
      extract(epoch FROM now() - GREATEST(e.updated, e.schedule_after))::float8 AS age_s,
      a.id IS NOT NULL OR e.inline_runtime IS NOT NULL AS has_action,
      e.inline_runtime IS NOT NULL AS is_inline, COALESCE(e.inline_runtime, r.name) AS runtime,
      COALESCE(e.inline_options->>'runtime_version', a.runtime_version_constraint) AS runtime_version_constraint,
      COALESCE(to_jsonb(a.required_worker_runtimes), '[]') AS required_worker_runtimes,
      COALESCE(e.worker_selector, a.worker_selector) AS selector,
      COALESCE(e.worker_tolerations, a.worker_tolerations) AS tolerations,
      COALESCE(e.worker_affinity, a.worker_affinity) AS affinity
    FROM agent_waiting(${below}, ${limit}, ${afterPack ?? null},
      ${JSON.stringify(Object.fromEntries(afterLanes))}::text::jsonb) WITH ORDINALITY w
    LEFT JOIN LATERAL (SELECT * FROM execution x WHERE x.id = w.execution OFFSET 0) e ON true
    LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
    ORDER BY w.ordinality`;
  const [first] = rows;
  return (
    first && {
      priority: first.priority,
      isCut: rows.some((row) => row.is_cut),
      hasLower: first.has_lower,
      visited: [...Map.groupBy(rows, (row) => row.lane)].map(
        ([lane, ofLane]): Visited => ({ lane, requests: ofLane.flatMap(readRequested) }),
      ),
    }
  );
}

function readRequested(row: Row): readonly RequestedExecution[] {
  if (row.id === null) return [];
  return [
    {
      execution: executionId(row.id),
      actionRef: row.action_ref,
      ageMs: row.age_s * 1000,
      requirements: readRequirements(row),
    },
  ];
}
