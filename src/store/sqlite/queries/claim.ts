import type { Claims, Offer } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type ClaimedRow, readClaimed } from '#store/claimed-row.ts';
import { parsed } from '#store/json.ts';
import type { Sqlite } from '#store/sqlite/open.ts';
import { type Change, tellChange } from '#store/sqlite/tell.ts';

interface Row extends ClaimedRow, Pick<Change, 'action' | 'action_ref'> {
  readonly id: number;
  readonly status: 'scheduled' | 'running';
  readonly config: string | null;
  readonly env_vars: string | null;
}

export function claim(
  sqlite: Sqlite,
  session: WorkerSession,
  { offers, leaseMs }: { readonly offers: readonly Offer[]; readonly leaseMs: number },
): Claims {
  const { database, now } = sqlite;
  const { worker, instance } = session;
  const rows = offers.flatMap((offer) => find(sqlite, session, offer) ?? []);
  const messages = rows.flatMap((row) => {
    database
      .query(
        `UPDATE execution SET status = 'running', started_at = COALESCE(started_at, ?1), updated = ?1 WHERE id = ?2`,
      )
      .run(now(), row.id);
    database
      .query(
        'INSERT OR REPLACE INTO execution_claim (execution, attempt, worker, instance, claimed_at, lease_expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(row.id, row.attempt, worker, instance, now(), now() + leaseMs);
    return tellChange(sqlite, { ...row, previous: row.status, status: 'running', result: null });
  });
  const claimed = rows.map((row) =>
    readClaimed({ ...row, config: parsed(row.config), env_vars: parsed(row.env_vars) }),
  );
  return { claimed, messages };
}

function find({ database }: Sqlite, { worker, instance }: WorkerSession, { execution, attempt }: Offer): Row | null {
  return database
    .query<Row, [string, string, number | null, string]>(`
      SELECT e.id, e.action, e.status, COALESCE(e.attempt, 0) AS attempt, e.action_ref, e.config, e.env_vars, e.timeout_seconds,
        e.retry_count, COALESCE(e.max_retries, a.max_retries) AS max_retries, a.pack_ref, a.entrypoint, r.name AS runtime, e.inline_runtime, e.inline_code,
        a.runtime_version_constraint, a.parameter_delivery, a.parameter_format, a.output_format,
        a.timeout_seconds AS action_timeout_seconds
      FROM execution e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
      WHERE e.id = ?1 AND e.worker = ?2 AND COALESCE(e.attempt, 0) = COALESCE(?3, e.attempt, 0)
        AND EXISTS (SELECT 1 FROM worker w WHERE w.id = ?2 AND w.instance = ?4)
        AND (e.status = 'scheduled' OR e.status = 'running' AND EXISTS (SELECT 1 FROM execution_claim c
          WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0) AND c.instance = ?4))`)
    .get(execution, worker, attempt ?? null, instance);
}
