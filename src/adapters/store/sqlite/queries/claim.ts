import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { KeyRow } from '#adapters/store/key-values.ts';
import { type Change, enqueueChangeMessages } from '#adapters/store/sqlite/enqueue-messages.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import type { AgentStore, Claims, Offer } from '#domain/agent-store.ts';
import { isRecord } from '#domain/record.ts';
import type { WorkerSession } from '#domain/worker.ts';

interface Row extends ClaimedRow, Pick<Change, 'action' | 'action_ref'> {
  readonly id: number;
  readonly status: 'scheduled' | 'running';
  readonly config: string | null;
  readonly env_vars: string | null;
  readonly inline_options: string | null;
  readonly out_schema: string | null;
  readonly param_schema: string | null;
  readonly api_scopes: string | null;
  readonly execution_config: string | null;
  readonly versions: string | null;
  readonly is_managed: number | null;
  readonly token_hash: string | null;
}

export function claim(sqlite: Caller, ...[session, offers, leaseMs]: Parameters<AgentStore['claim']>): Claims {
  const { database, now, cipher } = sqlite;
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
        'INSERT OR REPLACE INTO execution_claim (execution, attempt, worker, instance, claimed_at, lease_expires_at, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
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
        runtime_config:
          row.is_managed === 0
            ? { execution_config: parsed(row.execution_config), versions: parsed(row.versions) }
            : null,
        keys: keysFor(sqlite, row),
      },
      cipher,
    ),
  );
  return { claimed, messages };
}

function find(
  { database }: Sqlite,
  { worker, instance }: WorkerSession,
  { execution, attempt, tokenHash }: Offer,
): Row | null {
  return database
    .query<Row, [string, string, number | null, string, string | null]>(`
      SELECT e.id, e.action, e.status, COALESCE(e.attempt, 0) AS attempt, e.action_ref, e.config, e.env_vars, e.timeout_seconds,
        e.retry_count, COALESCE(e.max_retries, a.max_retries) AS max_retries, a.pack_ref, a.entrypoint, r.name AS runtime, e.inline_runtime, e.inline_code,
        e.inline_options, a.out_schema, a.param_schema, a.api_scopes, CASE WHEN a.api_scopes <> '[]' THEN ?5 END AS token_hash, r.execution_config, r.versions, r.is_managed, p.version AS pack_version, p.checksum AS pack_checksum,
        a.runtime_version_constraint, a.parameter_delivery, a.parameter_format, a.output_format,
        a.timeout_seconds AS action_timeout_seconds
      FROM execution e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime LEFT JOIN pack p ON p.id = a.pack
      WHERE e.id = ?1 AND e.worker = ?2 AND COALESCE(e.attempt, 0) = COALESCE(?3, e.attempt, 0)
        AND EXISTS (SELECT 1 FROM worker w WHERE w.id = ?2 AND w.instance = ?4)
        AND (e.status = 'scheduled' OR e.status = 'running' AND EXISTS (SELECT 1 FROM execution_claim c
          WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0) AND c.instance = ?4))`)
    .get(execution, worker, attempt ?? null, instance, tokenHash ?? null);
}

/** Of its action and its pack, and those of the system that its action asks for by a secret parameter. */
function keysFor(
  { database }: Sqlite,
  { action_ref: actionRef, pack_ref: packRef, param_schema: schema }: Row,
): readonly KeyRow[] {
  const document = parsed(schema);
  const properties = isRecord(document) && isRecord(document['properties']) ? document['properties'] : {};
  const asked = Object.keys(properties).filter((name) => Object(properties[name]).secret === true);
  const rows = database
    .query<KeyRow & { value: string }, [string, string | null, string]>(`
      SELECT ref, owner_type, name, encrypted, encryption_key_hash, value FROM key
      WHERE owner_type = 'action' AND owner = ?1 OR owner_type = 'pack' AND owner = ?2
        OR owner_type = 'system' AND name IN (SELECT value FROM json_each(?3))`)
    .all(actionRef, packRef, JSON.stringify(asked));
  return rows.map((row) => ({ ...row, value: parsed(row.value) }));
}
