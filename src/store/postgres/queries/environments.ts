import type { EnvironmentView } from '#domain/client-store.ts';
import { type BuildEnd, type BuildRight, type EnvironmentIdentity, retryBuildMs } from '#domain/environment-ledger.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type EnvironmentViewRow, readEnvironmentRow } from '#store/environment-row.ts';
import { storableText } from '#store/json.ts';
import type { Sql } from '#store/postgres/connect.ts';

interface EnvironmentRow {
  readonly is_mine: boolean;
  readonly status: string;
  readonly install_error: string | null;
  readonly retry_in_s: number | null;
}

/** The row is the lease: whoever gets it from nobody, from a holder that is silent, or after the pause of a failure. */
export async function beginEnvironment(
  sql: Sql,
  { worker, instance }: WorkerSession,
  { key, packRef, runtime, checksum, leaseMs }: EnvironmentIdentity & { readonly leaseMs: number },
): Promise<BuildRight> {
  const rows = await sql<EnvironmentRow[]>`
    WITH taken AS (
      INSERT INTO pack_environment AS e (pack, pack_ref, runtime, runtime_ref, env_key, status, manifest_checksum, claimed_by_worker,
        claimed_by_instance, claim_expires_at)
      SELECT p.id, p.ref, r.id, 'core.' || ${runtime}::text, ${key}, 'installing', ${checksum}, ${worker}, ${instance},
        now() + make_interval(secs => ${leaseMs / 1000})
      FROM pack p LEFT JOIN runtime r ON r.ref = 'core.' || ${runtime}::text WHERE p.ref = ${packRef}
      ON CONFLICT (env_key) DO UPDATE SET status = 'installing', claimed_by_worker = EXCLUDED.claimed_by_worker,
        claimed_by_instance = EXCLUDED.claimed_by_instance, claim_expires_at = EXCLUDED.claim_expires_at, updated = now()
      WHERE (e.status = 'installing' AND e.claim_expires_at > now() AND e.claimed_by_instance IS DISTINCT FROM ${instance}) IS NOT TRUE
        AND (e.status = 'failed' AND e.retry_after > now()) IS NOT TRUE
      RETURNING e.status
    )
    SELECT true AS is_mine, status, NULL AS install_error, NULL AS retry_in_s FROM taken
    UNION ALL
    SELECT false, status, install_error, extract(epoch FROM retry_after - now())::float8 FROM pack_environment
    WHERE env_key = ${key} AND NOT EXISTS (SELECT FROM taken)`;
  const [row] = rows;
  if (!row) {
    /* Somebody else has inserted it meanwhile, where this statement could not see it. */
    const [pack] = await sql`SELECT 1 FROM pack WHERE ref = ${packRef}`;
    if (pack) return { kind: 'taken' };
    return { kind: 'failed', error: `there is no pack ${packRef} in the database`, retryInMs: 0 };
  }
  if (row.is_mine) return { kind: 'mine' };
  if (row.status !== 'failed') return { kind: 'taken' };
  return {
    kind: 'failed',
    error: row.install_error ?? 'it failed',
    retryInMs: Math.max(0, (row.retry_in_s ?? 0) * 1000),
  };
}

export async function renewEnvironment(
  sql: Sql,
  { instance }: WorkerSession,
  { key, leaseMs }: { readonly key: string; readonly leaseMs: number },
): Promise<boolean> {
  const rows = await sql`
    UPDATE pack_environment SET claim_expires_at = now() + make_interval(secs => ${leaseMs / 1000})
    WHERE env_key = ${key} AND status = 'installing' AND claimed_by_instance = ${instance} RETURNING 1`;
  return rows.length > 0;
}

/** Those that a new one takes the place of, from an older state of the same pack, are outdated. */
export async function endEnvironment(
  sql: Sql,
  { instance }: WorkerSession,
  { key, end }: { readonly key: string; readonly end: BuildEnd },
): Promise<void> {
  const status = { ready: 'ready', failed: 'failed', released: 'pending' }[end.kind];
  const error = end.kind === 'failed' ? storableText(end.error) : null;
  const rows = await sql<{ failures: number }[]>`
    UPDATE pack_environment SET status = ${status}, install_error = ${error}, claimed_by_instance = NULL, claimed_by_worker = NULL,
      claim_expires_at = NULL, updated = now(), retry_after = NULL,
      failures = CASE ${status} WHEN 'failed' THEN failures + 1 WHEN 'ready' THEN 0 ELSE failures END
    WHERE env_key = ${key} AND claimed_by_instance = ${instance} RETURNING failures`;
  const [row] = rows;
  if (row && end.kind === 'failed')
    await sql`
      UPDATE pack_environment SET retry_after = now() + make_interval(secs => ${retryBuildMs(row.failures) / 1000})
      WHERE env_key = ${key} AND status = 'failed'`;
  if (row && end.kind === 'ready')
    await sql`
      UPDATE pack_environment SET status = 'outdated', updated = now()
      WHERE env_key <> ${key} AND status = 'ready' AND regexp_replace(env_key, '-[^-]*$', '') = regexp_replace(${key}, '-[^-]*$', '')`;
}

export async function forgetEnvironments(sql: Sql, keys: readonly string[]): Promise<void> {
  await sql`
    DELETE FROM pack_environment USING json_array_elements_text(${JSON.stringify(keys)}::text::json) AS gone(key)
    WHERE env_key = gone.key AND status <> 'installing'`;
}

export async function listEnvironments(sql: Sql): Promise<readonly EnvironmentView[]> {
  const rows = await sql<EnvironmentViewRow[]>`
    SELECT e.env_key, e.pack_ref, e.runtime_ref, e.status, e.install_error, w.name AS worker, e.updated
    FROM pack_environment e LEFT JOIN worker w ON w.id = e.claimed_by_worker ORDER BY e.updated DESC LIMIT 1000`;
  return rows.map(readEnvironmentRow);
}
