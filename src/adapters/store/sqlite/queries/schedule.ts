import { readCapabilities } from '#adapters/store/capabilities.ts';
import { decide } from '#adapters/store/decide.ts';
import { type RequirementColumns, readRequirements } from '#adapters/store/requirements.ts';
import { type ExecutionColumns, finish } from '#adapters/store/sqlite/change-status.ts';
import { enqueueDispatch } from '#adapters/store/sqlite/dispatch.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { executionId, workerId } from '#domain/ids.ts';
import { dispatchKey, type OutboxMessage } from '#domain/messages.ts';
import type {
  Decision,
  Plan,
  RequestedExecution,
  ScheduleBounds,
  Scheduled,
  WorkerLoad,
} from '#domain/schedule-store.ts';

export function schedule(sqlite: Sqlite, bounds: ScheduleBounds, plan: Plan): Scheduled {
  const workers = readLoads(sqlite, bounds.leaseMs);
  const limit = bounds.limit(workers);
  const decisions = decide(plan, limit > 0 ? takeRequested(sqlite, limit) : [], workers);
  const messages = decisions.flatMap((decision) => carryOut(sqlite, decision));
  const count = (kind: Decision['kind']): number => decisions.filter((one) => one.kind === kind).length;
  return { messages, dispatched: count('dispatch'), givenUp: count('give-up') };
}

interface RequestedRow {
  readonly id: number;
  readonly action_ref: string;
  readonly created: number;
  readonly schedule_after: number;
  readonly has_action: number;
  readonly is_inline: number;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly required: string | null;
  readonly selector: string | null;
  readonly tolerations: string | null;
  readonly affinity: string | null;
  readonly has_own_requirements: number;
}

function takeRequested({ database, now }: Sqlite, limit: number): readonly RequestedExecution[] {
  const of = database.query<RequestedRow, [string, number, number]>(`
    SELECT e.id, e.action_ref, e.created, e.schedule_after,
      a.id IS NOT NULL OR e.inline_runtime IS NOT NULL AS has_action, e.inline_runtime IS NOT NULL AS is_inline,
      COALESCE(e.inline_runtime, r.name) AS runtime,
      COALESCE(e.inline_options->>'runtime_version', a.runtime_version_constraint) AS runtime_version_constraint,
      a.required_worker_runtimes AS required, COALESCE(e.worker_selector, a.worker_selector) AS selector,
      COALESCE(e.worker_tolerations, a.worker_tolerations) AS tolerations,
      COALESCE(e.worker_affinity, a.worker_affinity) AS affinity,
      e.inline_runtime IS NOT NULL OR COALESCE(e.worker_selector, e.worker_tolerations, e.worker_affinity) IS NOT NULL
        AS has_own_requirements
    FROM execution e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
    WHERE e.status = 'requested' AND e.action_ref = ? AND e.schedule_after <= ?
    ORDER BY e.schedule_after, e.id LIMIT ?`);
  const next = database.query<{ action_ref: string }, [string]>(
    `SELECT action_ref FROM execution WHERE status = 'requested' AND action_ref > ? ORDER BY action_ref LIMIT 1`,
  );
  const rows: RequestedRow[] = [];
  for (let waiting = next.get(''); waiting; waiting = next.get(waiting.action_ref))
    rows.push(...of.all(waiting.action_ref, now(), limit));
  return rows
    .toSorted((a, b) => a.schedule_after - b.schedule_after || a.id - b.id)
    .map((row) => ({
      execution: executionId(row.id),
      actionRef: row.action_ref,
      ageMs: now() - row.created,
      requirements: readRequirements(columnsOf(row)),
      hasOwnRequirements: row.has_own_requirements === 1,
    }));
}

function columnsOf(row: RequestedRow): RequirementColumns {
  const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return {
    ...row,
    has_action: row.has_action === 1,
    required_worker_runtimes: row.required === null ? [] : JSON.parse(row.required),
    selector: parsed(row.selector),
    tolerations: parsed(row.tolerations),
    affinity: parsed(row.affinity),
  };
}

interface LoadRow {
  readonly id: number;
  readonly name: string;
  readonly capabilities: string;
  readonly cordoned: number;
  readonly is_paused: number;
  readonly is_fresh: number;
  readonly is_avoided: number;
  readonly assigned: number;
}

function readLoads({ database, now }: Sqlite, leaseMs: number): readonly WorkerLoad[] {
  const rows = database
    .query<LoadRow, [number, number]>(`
      SELECT w.id, w.name, w.capabilities, w.cordoned, w.status = 'active' AND w.last_heartbeat >= ?1 AS is_fresh,
        COALESCE(w.avoided_until > ?2, 0) AS is_avoided,
        w.paused IS NOT NULL AS is_paused,
        (SELECT count(*) FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED}) AS assigned
      FROM worker w ORDER BY w.id`)
    .all(now() - leaseMs, now());
  return rows.map((row) => ({
    ...readCapabilities(JSON.parse(row.capabilities)),
    worker: workerId(row.id),
    name: row.name,
    isCordoned: row.cordoned === 1,
    isPaused: row.is_paused === 1,
    isFresh: row.is_fresh === 1,
    isAvoided: row.is_avoided === 1,
    assigned: row.assigned,
  }));
}

function carryOut(sqlite: Sqlite, decision: Decision): readonly OutboxMessage[] {
  const { database, now } = sqlite;
  switch (decision.kind) {
    case 'dispatch':
      database
        .query(`
          UPDATE execution SET status = 'scheduled', worker = ?1, attempt = COALESCE(attempt, 0) + 1,
            dispatched_at = ?3, updated = ?3 WHERE id = ?2`)
        .run(decision.worker, decision.execution, now());
      return enqueueDispatch(sqlite, decision.execution, dispatchKey(decision.worker));
    case 'postpone':
      database
        .query('UPDATE execution SET schedule_after = ? WHERE id = ?')
        .run(now() + decision.delayMs, decision.execution);
      return [];
    case 'give-up': {
      const row = database
        .query<ExecutionColumns, [string]>('SELECT id, action, action_ref, status FROM execution WHERE id = ?')
        .get(decision.execution);
      const result = { succeeded: false, timed_out: true, error: decision.reason };
      return row ? finish(sqlite, row, { status: 'timeout', result }) : [];
    }
  }
}
