import type postgres from 'postgres';
import { readCapabilities } from '#adapters/store/capabilities.ts';
import { decide } from '#adapters/store/decide.ts';
import { storableJson } from '#adapters/store/json.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type RequirementColumns, readRequirements } from '#adapters/store/requirements.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type {
  Decision,
  Plan,
  RequestedExecution,
  ScheduleBounds,
  Scheduled,
  WorkerLoad,
} from '#domain/schedule-store.ts';

/**
 * Schedules requested executions, one scheduler at a time, so that each sees the loads that the others made; the
 * database ends the transaction of a scheduler that hangs. The cost depends on the number of actions that have
 * something waiting and on `limit`, not on how much waits.
 */
export async function schedule({ sql }: Caller, bounds: ScheduleBounds, plan: Plan): Promise<Scheduled | undefined> {
  return await sql.begin(async (transaction) => {
    const [lock] = await transaction`
      SELECT set_config('idle_in_transaction_session_timeout', '5s', true)
      FROM agent_lock WHERE name = 'schedule' FOR UPDATE SKIP LOCKED`;
    if (!lock) return undefined;
    const workers = await readLoads(transaction, bounds.leaseMs);
    const limit = bounds.limit(workers);
    const requests = limit > 0 ? await takeRequested(transaction, limit) : [];
    const decisions = decide(plan, requests, workers);
    return decisions.length === 0 ? nothing : await carryOut(transaction, decisions);
  });
}

const nothing: Scheduled = { messages: [], dispatched: 0, givenUp: 0 };

type RequestedRow = RequirementColumns & {
  readonly id: string;
  readonly age_s: number;
  readonly has_own_requirements: boolean;
};

/** Hops from action to action in the index of what is requested, and takes the first few of each. */
async function takeRequested(sql: postgres.TransactionSql, limit: number): Promise<readonly RequestedExecution[]> {
  const rows = await sql<RequestedRow[]>`
    WITH RECURSIVE waiting(action_ref) AS (
      (SELECT action_ref FROM execution WHERE status = 'requested' ORDER BY action_ref LIMIT 1)
      UNION ALL
      SELECT (
        SELECT action_ref FROM execution e WHERE e.status = 'requested' AND e.action_ref > waiting.action_ref
        ORDER BY action_ref LIMIT 1)
      FROM waiting WHERE waiting.action_ref IS NOT NULL
    )
    SELECT e.id, e.action_ref, extract(epoch FROM now() - e.created)::float8 AS age_s,
      a.id IS NOT NULL OR e.inline_runtime IS NOT NULL AS has_action,
      e.inline_runtime IS NOT NULL AS is_inline, COALESCE(e.inline_runtime, r.name) AS runtime,
      COALESCE(e.inline_options->>'runtime_version', a.runtime_version_constraint) AS runtime_version_constraint,
      COALESCE(to_jsonb(a.required_worker_runtimes), '[]') AS required_worker_runtimes,
      COALESCE(e.worker_selector, a.worker_selector) AS selector,
      COALESCE(e.worker_tolerations, a.worker_tolerations) AS tolerations,
      COALESCE(e.worker_affinity, a.worker_affinity) AS affinity,
      e.inline_runtime IS NOT NULL OR COALESCE(e.worker_selector, e.worker_tolerations, e.worker_affinity) IS NOT NULL
        AS has_own_requirements
    FROM waiting CROSS JOIN LATERAL (
      SELECT * FROM execution e
      WHERE e.status = 'requested' AND e.action_ref = waiting.action_ref AND e.schedule_after <= now()
      ORDER BY e.schedule_after, e.id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) e
    LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
    ORDER BY e.schedule_after, e.id`;
  return rows.map((row) => ({
    execution: executionId(row.id),
    actionRef: row.action_ref,
    ageMs: row.age_s * 1000,
    requirements: readRequirements(row),
    hasOwnRequirements: row.has_own_requirements,
  }));
}

interface LoadRow {
  readonly id: string;
  readonly name: string;
  readonly capabilities: unknown;
  readonly cordoned: boolean;
  readonly is_paused: boolean;
  readonly is_fresh: boolean;
  readonly is_avoided: boolean;
  readonly assigned: number;
}

async function readLoads(sql: postgres.TransactionSql, leaseMs: number): Promise<readonly WorkerLoad[]> {
  const rows = await sql<LoadRow[]>`
    SELECT w.id, w.name, w.capabilities, w.cordoned, COALESCE(w.meta ? 'paused', false) AS is_paused,
      w.status = 'active' AND w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AS is_fresh,
      COALESCE(w.avoided_until > now(), false) AS is_avoided,
      (SELECT count(*)::int FROM execution e WHERE e.worker = w.id AND e.status IN ${sql.unsafe(ASSIGNED)}) AS assigned
    FROM worker w WHERE w.worker_role = 'action' ORDER BY w.id`;
  return rows.map((row) => ({
    ...readCapabilities(row.capabilities),
    worker: workerId(row.id),
    name: row.name,
    isCordoned: row.cordoned,
    isPaused: row.is_paused,
    isFresh: row.is_fresh,
    isAvoided: row.is_avoided,
    assigned: row.assigned,
  }));
}

async function carryOut(sql: postgres.TransactionSql, decisions: readonly Decision[]): Promise<Scheduled> {
  const rows = await sql<(OutboxRow & { readonly kind: Decision['kind'] })[]>`
    WITH decided AS (
      SELECT * FROM json_to_recordset(${storableJson(decisions.map(rowOf))}::text::json)
        AS d(kind TEXT, execution BIGINT, worker BIGINT, "delayMs" FLOAT8, result JSONB)
    ), dispatched AS (
      UPDATE execution e SET status = 'scheduled', worker = d.worker, attempt = COALESCE(e.attempt, 0) + 1,
        dispatched_at = now(), updated = now()
      FROM decided d WHERE d.kind = 'dispatch' AND e.id = d.execution
      RETURNING e.*
    ), postponed AS (
      UPDATE execution e SET schedule_after = now() + make_interval(secs => d."delayMs" / 1000)
      FROM decided d WHERE d.kind = 'postpone' AND e.id = d.execution
    ), given_up AS (
      UPDATE execution e SET status = 'timeout', result = d.result, updated = now()
      FROM decided d WHERE d.kind = 'give-up' AND e.id = d.execution
      RETURNING e.*
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', 'execution.dispatch.worker.' || worker,
        agent_dispatch_message(id, worker, action_ref, config, attempt, updated) FROM dispatched
      UNION ALL
      SELECT 'attune.executions', m.routing_key, m.message
      FROM given_up g, LATERAL agent_messages(g.id, g.action, g.action_ref, 'requested', 'timeout', g.result) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT * FROM enqueued`;
  const count = (kind: Decision['kind']): number => decisions.filter((one) => one.kind === kind).length;
  return { messages: rows.map(readOutbox), dispatched: count('dispatch'), givenUp: count('give-up') };
}

function rowOf(decision: Decision): object {
  if (decision.kind !== 'give-up') return decision;
  return { ...decision, result: { succeeded: false, timed_out: true, error: decision.reason } };
}
