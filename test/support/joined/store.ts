/**
 * A store of a joined database for the contract of stores: what a worker does is attune-agent's, and what the contract
 * asks of the control plane is done by statements that leave the rows as Attune's executor and API do.
 */
import type postgres from 'postgres';
import { readCapabilities } from '#adapters/store/capabilities.ts';
import { findKind } from '#adapters/store/postgres/find-kind.ts';
import { joinedSchema } from '#adapters/store/postgres/joined/schema.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { type LogRow, readLogRow } from '#adapters/store/postgres/queries/read-logs.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { readWorkerView, type WorkerRow } from '#adapters/store/worker-row.ts';
import { VERSION } from '#cli/version.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import { type ExecutionId, executionId, workerId } from '#domain/ids.ts';
import type { ScheduleStore, WorkerLoad } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import type { JoinedDatabase } from './database.ts';
import { insertExecution, scheduleExecution } from './seed.ts';

/** Prepares a joined database as `attune-agent migrate` does. */
export async function migrateJoined(sql: postgres.Sql): Promise<void> {
  await migrate(sql, await joinedSchema(sql, await findKind(sql), VERSION));
}

/** Opens the store of a database that was migrated; it closes the connection of the test as well. */
export function openJoinedStore({ url, sql }: JoinedDatabase): Store {
  const store = openPostgresStore(url, { ciphers: createCiphers('5e'.repeat(32)) });
  return {
    ...store,
    ...controlPlaneOf(sql),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await sql.end();
    },
  };
}

type ControlPlane = Pick<ClientStore, 'request' | 'cancel' | 'readExecution' | 'readLogs' | 'listWorkers'> &
  Pick<Store, 'savePack'> &
  Pick<ScheduleStore, 'schedule' | 'recoverLost'>;

/** The executor, the monitor and the API, as far as a worker can tell. */
function controlPlaneOf(sql: postgres.Sql): ControlPlane {
  return {
    savePack: async () => ({ messages: [] }) /* seed.ts has registered the pack */,
    request: async (requests) => {
      const executions: ExecutionId[] = [];
      for (const { actionRef, parameters } of requests)
        executions.push(executionId(await insertExecution(sql, actionRef, { config: parameters })));
      return { executions, messages: [] };
    },
    schedule: async (bounds, plan) => {
      const requested = await sql<{ id: string; action_ref: string }[]>`
        SELECT id, action_ref FROM execution WHERE status = 'requested' ORDER BY id`;
      const requests = requested.map(({ id, action_ref }) => ({
        ...{ execution: executionId(id), actionRef: action_ref, ageMs: 0 },
        requirements: { problem: 'the stand-in looks at none' },
      }));
      const decisions = plan(requests, await readLoads(sql, bounds.leaseMs));
      for (const one of decisions) if (one.kind === 'dispatch') await scheduleExecution(sql, one.execution, one.worker);
      return { dispatched: decisions.length, givenUp: 0, messages: [], hasMore: false };
    },
    recoverLost: async () => ({ executions: [], messages: [] }),
    cancel: async (execution) => {
      const [row] = await sql<{ status: ExecutionView['status'] }[]>`
        UPDATE execution SET status = CASE WHEN status = 'running' THEN 'canceling' ELSE 'cancelled' END::execution_status_enum
        WHERE id = ${execution} RETURNING status::text`;
      return row && { status: row.status, messages: [] };
    },
    readExecution: async (execution) => {
      const [row] = await sql<ExecutionView[]>`
        SELECT e.id::text AS execution, e.action_ref AS "actionRef", e.status, false AS "isAdhoc", e.config AS parameters,
          e.result, e.worker::text, COALESCE((
            SELECT max(attempt) FROM agent_execution_attempt t WHERE t.execution = e.id), 0) AS attempt,
          e.retry_count AS "retryCount", e.started_at AS "startedAt"
        FROM execution e WHERE e.id = ${execution}`;
      return row && { ...row, worker: row.worker ?? undefined };
    },
    readLogs: async (execution, { attempt, seq }, limit) => {
      const rows = await sql<LogRow[]>`
        SELECT attempt, stream, seq, "offset", data, at FROM agent_execution_log
        WHERE execution = ${execution} AND (attempt, seq) > (${attempt}, ${seq}) ORDER BY attempt, seq LIMIT ${limit}`;
      return rows.map((row) => readLogRow(execution, row));
    },
    listWorkers: async (leaseMs) => (await readWorkers(sql, leaseMs)).map(readWorkerView),
  };
}

async function readWorkers(sql: postgres.Sql, leaseMs: number): Promise<readonly WorkerRow[]> {
  return await sql<WorkerRow[]>`
    SELECT w.*, w.status = 'active' AND w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AS is_fresh,
      (SELECT count(*)::int FROM execution e WHERE e.worker = w.id
        AND e.status IN ('scheduled', 'running', 'canceling')) AS assigned
    FROM worker w ORDER BY w.id`;
}

async function readLoads(sql: postgres.Sql, leaseMs: number): Promise<readonly WorkerLoad[]> {
  return (await readWorkers(sql, leaseMs)).map((row) => ({
    ...readCapabilities(row.capabilities),
    ...{ worker: workerId(row.id), name: row.name, isCordoned: Boolean(row.cordoned), isFresh: Boolean(row.is_fresh) },
    ...{ assigned: row.assigned, isAvoided: false, isPaused: false },
  }));
}
