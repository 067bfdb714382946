import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { SelectedKey } from '#adapters/store/key-values.ts';
import { asKey, readEncryptedParameters } from '#adapters/store/secret-parameters.ts';
import { type Change, enqueueChangeMessages } from '#adapters/store/sqlite/enqueue-messages.ts';
import { keysFor, referencedKeys } from '#adapters/store/sqlite/keys-for.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import type { AgentStore, Claims, Offer } from '#domain/agent-store.ts';
import { isRecord } from '#domain/record.ts';
import type { WorkerSession } from '#domain/worker.ts';

interface Row extends ClaimedRow, Pick<Change, 'action' | 'action_ref'> {
  readonly id: number;
  readonly status: 'scheduled' | 'running';
  readonly config: string | null;
  readonly encrypted_config: string | null;
  readonly env_vars: string | null;
  readonly inline_options: string | null;
  readonly out_schema: string | null;
  readonly param_schema: string | null;
  readonly api_scopes: string | null;
  readonly execution_config: string | null;
  readonly versions: string | null;
  readonly is_managed: number | null;
  readonly token_hash: string | null;
  readonly schedule_after: number;
}

export function claim(sqlite: Caller, ...[session, offers, leaseMs]: Parameters<AgentStore['claim']>): Claims {
  const { database, now, cipher } = sqlite;
  const { worker, instance } = session;
  const found = offers.flatMap((offer) => find(sqlite, session, offer) ?? []);
  /* One that was offered twice counts once. */
  const rows = [...new Map(found.map((row) => [row.id, row])).values()].toSorted((a, b) => a.id - b.id);
  const messages = rows.flatMap((row) => {
    database
      .query(
        `UPDATE execution SET status = 'running', started_at = COALESCE(started_at, ?1), updated = ?1 WHERE id = ?2`,
      )
      .run(now(), row.id);
    database
      .query(`
        INSERT INTO execution_claim (execution, attempt, worker, instance, claimed_at, lease_expires_at, token_hash)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (execution) DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker,
          instance = excluded.instance, claimed_at = excluded.claimed_at, lease_expires_at = excluded.lease_expires_at,
          token_hash = excluded.token_hash`)
      .run(row.id, row.attempt, worker, instance, now(), now() + leaseMs, row.token_hash);
    database
      .query('INSERT OR REPLACE INTO execution_attempt (execution, attempt, worker, claimed_at) VALUES (?, ?, ?, ?)')
      .run(row.id, row.attempt, worker, now());
    return enqueueChangeMessages(sqlite, { ...row, previous: row.status, status: 'running', result: null });
  });
  const claimed = rows.map((row) =>
    readClaimed(
      {
        ...row,
        config: parsed(row.config),
        env_vars: parsed(row.env_vars),
        inline_options: parsed(row.inline_options),
        out_schema: parsed(row.out_schema),
        param_schema: parsed(row.param_schema),
        api_scopes: parsed(row.api_scopes),
        runtime_config: row.is_managed === 0 ? runtimeConfigOf(row) : null,
        keys: [...keysFor(sqlite, row), ...encryptedOf(sqlite, row)],
        queued_ms: Math.max(0, now() - row.schedule_after),
      },
      cipher,
    ),
  );
  return { claimed, messages };
}

function encryptedOf(sqlite: Sqlite, { id, encrypted_config }: Row): readonly SelectedKey[] {
  const encrypted = readEncryptedParameters(encrypted_config);
  return encrypted ? [asKey(id, encrypted), ...referencedKeys(sqlite, encrypted)] : [];
}

/** The characters of the parameters of each execution that is offered. */
export function measureParameters({ database }: Sqlite, offers: readonly Offer[]): ReadonlyMap<number, number> {
  const rows = database
    .query<{ id: number; size: number }, [string]>(
      'SELECT id, length(config) AS size FROM execution WHERE id IN (SELECT value FROM json_each(?))',
    )
    .all(JSON.stringify(offers.map(({ execution }) => Number(execution))));
  return new Map(rows.map(({ id, size }) => [id, size]));
}

function find(
  { database }: Sqlite,
  { worker, instance }: WorkerSession,
  { execution, attempt, tokenHash }: Offer,
): Row | null {
  return database
    .query<Row, [string, string, number | null, string, string | null]>(`
      SELECT e.id, e.action, e.status, COALESCE(e.attempt, 0) AS attempt, e.action_ref, e.config, e.env_vars,
        e.encrypted_config, e.request_id, e.traceparent, e.schedule_after,
        e.timeout_seconds, e.retry_count, COALESCE(e.max_retries, a.max_retries) AS max_retries, e.inline_runtime,
        e.inline_code, e.inline_options, a.pack_ref, a.entrypoint, a.out_schema, a.param_schema, a.api_scopes,
        a.runtime_version_constraint, a.parameter_delivery, a.parameter_format, a.output_format,
        a.timeout_seconds AS action_timeout_seconds, CASE WHEN a.api_scopes <> '[]' THEN ?5 END AS token_hash,
        r.name AS runtime, r.execution_config, r.versions, r.is_managed, p.version AS pack_version,
        p.checksum AS pack_checksum
      FROM execution e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
        LEFT JOIN pack p ON p.id = a.pack
      WHERE e.id = ?1 AND e.worker = ?2 AND COALESCE(e.attempt, 0) = COALESCE(?3, e.attempt, 0)
        AND EXISTS (SELECT 1 FROM worker w WHERE w.id = ?2 AND w.instance = ?4)
        AND (e.status = 'scheduled' OR e.status = 'running' AND EXISTS (SELECT 1 FROM execution_claim c
          WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0) AND c.instance = ?4))`)
    .get(execution, worker, attempt ?? null, instance, tokenHash ?? null);
}

/** The configuration that the rows of a runtime hold; null if they say nothing. */
function runtimeConfigOf({ execution_config, versions }: Row): object | null {
  const described = [parsed(versions)].flat().filter((one) => isRecord(one) && saysAnything(one['execution_config']));
  const config = parsed(execution_config);
  return saysAnything(config) || described.length > 0 ? { execution_config: config, versions: described } : null;
}

function saysAnything(config: unknown): boolean {
  return isRecord(config) && Object.keys(config).length > 0;
}
