import { type PackEnvironmentViewRow, readEnvironmentRow } from '#adapters/store/environment-row.ts';
import { MOST_ENVIRONMENTS } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { withinPacks } from '#adapters/store/sqlite/within.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { PackEnvironmentView } from '#domain/client-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { type BuildRight, retryBuildMs } from '#domain/environment-ledger.ts';

interface PackEnvironmentRow {
  readonly status: PackEnvironmentView['status'];
  readonly install_error: string | null;
  readonly retry_after: number | null;
  readonly claim_expires_at: number | null;
  readonly claimed_by_instance: string | null;
}

/** Gives a worker the right to build an environment, unless another process holds it or a build has just failed. */
export function beginEnvironment(
  { database, now }: Sqlite,
  ...[{ worker, instance }, environment, leaseMs]: Parameters<AgentStore['beginEnvironment']>
): BuildRight {
  const { key, packRef, runtime, checksum } = environment;
  if (!database.query('SELECT 1 FROM pack WHERE ref = ?').get(packRef))
    return { kind: 'failed', error: `there is no pack ${packRef} in the database`, retryInMs: 0 };
  const row = database
    .query<PackEnvironmentRow, [string]>(`
      SELECT status, install_error, retry_after, claim_expires_at, claimed_by_instance
      FROM pack_environment WHERE env_key = ?`)
    .get(key);
  const isHeld =
    row?.status === 'installing' && (row.claim_expires_at ?? 0) > now() && row.claimed_by_instance !== instance;
  if (isHeld) return { kind: 'taken' };
  const retryInMs = (row?.retry_after ?? 0) - now();
  if (row?.status === 'failed' && retryInMs > 0)
    return { kind: 'failed', error: row.install_error ?? 'it failed', retryInMs };
  database
    .query(`
      INSERT INTO pack_environment (env_key, pack_ref, runtime_ref, status, manifest_checksum, claimed_by_worker,
        claimed_by_instance, claim_expires_at, created, updated)
      VALUES (?1, ?2, ?3, 'installing', ?4, ?5, ?6, ?7, ?8, ?8)
      ON CONFLICT (env_key) DO UPDATE SET status = excluded.status, claimed_by_worker = excluded.claimed_by_worker,
        claimed_by_instance = excluded.claimed_by_instance, claim_expires_at = excluded.claim_expires_at,
        updated = excluded.updated`)
    .run(key, packRef, `core.${runtime}`, checksum, worker, instance, now() + leaseMs, now());
  return { kind: 'mine' };
}

export function renewEnvironment(
  { database, now }: Sqlite,
  ...[{ instance }, key, leaseMs]: Parameters<AgentStore['renewEnvironment']>
): boolean {
  const { changes } = database
    .query(`
      UPDATE pack_environment SET claim_expires_at = ?
      WHERE env_key = ? AND status = 'installing' AND claimed_by_instance = ?`)
    .run(now() + leaseMs, key, instance);
  return changes > 0;
}

export function endEnvironment(
  { database, now }: Sqlite,
  ...[{ instance }, key, end]: Parameters<AgentStore['endEnvironment']>
): void {
  const row = database
    .query<{ failures: number }, [string, string]>(
      'SELECT failures FROM pack_environment WHERE env_key = ? AND claimed_by_instance = ?',
    )
    .get(key, instance);
  if (!row) return;
  const failures = { ready: 0, failed: row.failures + 1, released: row.failures }[end.kind];
  const status = { ready: 'ready', failed: 'failed', released: 'pending' }[end.kind];
  database
    .query(`
      UPDATE pack_environment SET status = ?, install_error = ?, failures = ?, retry_after = ?,
        claimed_by_instance = NULL, claimed_by_worker = NULL, claim_expires_at = NULL, updated = ?
      WHERE env_key = ?`)
    .run(
      status,
      end.kind === 'failed' ? end.error : null,
      failures,
      end.kind === 'failed' ? now() + retryBuildMs(failures) : null,
      now(),
      key,
    );
  if (end.kind !== 'ready') return;
  const slot = key.replace(/-[^-]*$/, '');
  database
    .query(`
      UPDATE pack_environment SET status = 'outdated', updated = ?3
      WHERE status = 'ready' AND env_key <> ?1
        AND substr(env_key, 1, length(?2)) = ?2 AND instr(substr(env_key, length(?2) + 1), '-') = 0`)
    .run(key, `${slot}-`, now());
}

export function forgetEnvironments({ database }: Sqlite, keys: readonly string[]): void {
  for (const key of keys)
    database.query("DELETE FROM pack_environment WHERE env_key = ? AND status <> 'installing'").run(key);
}

export function listEnvironments({ database }: Sqlite, confinedTo?: Confinement): readonly PackEnvironmentView[] {
  const [seen, values] = withinPacks(confinedTo, { column: 'e.pack_ref', isWhole: true });
  const rows = database
    .query<PackEnvironmentViewRow, (string | number)[]>(`
      SELECT e.env_key, e.pack_ref, e.runtime_ref, e.status, e.install_error, w.name AS worker, e.updated
      FROM pack_environment e LEFT JOIN worker w ON w.id = e.claimed_by_worker
      WHERE ${seen}
      ORDER BY e.updated DESC LIMIT ${MOST_ENVIRONMENTS}`)
    .all(...values);
  return rows.map(readEnvironmentRow);
}

export function retryEnvironment({ database, now }: Sqlite, key: string): boolean {
  return (
    database
      .query("UPDATE pack_environment SET retry_after = NULL, updated = ? WHERE env_key = ? AND status = 'failed'")
      .run(now(), key).changes > 0
  );
}
