/** What the executor of Attune's Rust control plane does at the end of an execution, and its monitors. */
import type postgres from 'postgres';
import { insert } from '#test/support/joined/seed.ts';

type Sql = postgres.Sql;

const FINAL = ['completed', 'failed', 'timeout', 'cancelled', 'abandoned'];

interface Ended {
  readonly action: string | null;
  readonly action_ref: string;
  readonly config: unknown;
  readonly parent: string | null;
  readonly status: string;
  readonly result: { readonly queue_ack?: unknown } | null;
  readonly workflow_task: { readonly retry_count: number; readonly max_retries: number } | null;
}

export interface End {
  readonly status: string;
  readonly queueAck: unknown;
  /** The execution that is another attempt at the task of a workflow. */
  readonly retriedAs: number | undefined;
}

/** Uses the row and not the message; throws where the row is not final yet. */
export async function endOf(sql: Sql, execution: number): Promise<End> {
  const [row] = await sql<Ended[]>`
    SELECT action, action_ref, config, parent, status, result, workflow_task FROM execution WHERE id = ${execution}`;
  if (!row) throw new Error(`there is no execution ${execution}`);
  if (!FINAL.includes(row.status)) throw new Error(`the row of execution ${execution} still says ${row.status}`);
  const retriedAs = await retry(sql, row);
  if (row.workflow_task && row.parent !== null && retriedAs === undefined)
    await sql`
      UPDATE execution SET status = ${row.status === 'completed' ? 'completed' : 'failed'}
      WHERE id = ${row.parent} AND status = 'running'`;
  return { status: row.status, queueAck: row.result?.queue_ack, retriedAs };
}

/** A failed task of a workflow is tried again as a new execution, while its retries last. */
async function retry(sql: Sql, { workflow_task: task, status, ...row }: Ended): Promise<number | undefined> {
  if (!(task && ['failed', 'timeout'].includes(status) && task.retry_count < task.max_retries)) return undefined;
  const { action, action_ref, config, parent } = row;
  const workflow_task = { ...task, retry_count: task.retry_count + 1 };
  return await insert(sql, 'execution', { action, action_ref, config, parent, workflow_task });
}

/** One round of the monitors: returns which executions were abandoned. */
export async function monitor(sql: Sql): Promise<readonly number[]> {
  await sql`
    UPDATE worker SET status = 'inactive' WHERE status = 'active' AND worker_role = 'action'
      AND (last_heartbeat IS NULL OR last_heartbeat < now() - interval '90 seconds')`;
  await sql`
    UPDATE execution SET status = 'failed', result = '{"error": "not claimed in time"}'
    WHERE status = 'scheduled' AND updated < now() - interval '300 seconds'`;
  const abandoned = await sql<{ id: string }[]>`
    UPDATE execution e SET status = 'abandoned', result = '{"error": "its worker is gone"}'
    WHERE e.status = 'running' AND e.workflow_def IS NULL AND NOT EXISTS (
      SELECT FROM worker w WHERE w.id = e.worker AND w.status NOT IN ('inactive', 'error')
        AND w.last_heartbeat > now() - interval '90 seconds')
    RETURNING e.id`;
  return abandoned.map((one) => Number(one.id));
}
