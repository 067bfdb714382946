import { type PackEnvironmentViewRow, readEnvironmentRow } from '#adapters/store/environment-row.ts';
import { MOST_ENVIRONMENTS } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { withinPacks } from '#adapters/store/postgres/within.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { PackEnvironmentView } from '#domain/client-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { type BuildRight, retryBuildMs } from '#domain/environment-ledger.ts';

interface PackEnvironmentRow {
  readonly is_mine: boolean;
  /** null: there was no row to be seen. */
  readonly status: string | null;
  readonly install_error: string | null;
  readonly retry_in_s: number | null;
  readonly has_pack: boolean;
}

export async function beginEnvironment(
  { sql, owner }: Caller,
  ...[{ worker, instance }, environment, leaseMs]: Parameters<AgentStore['beginEnvironment']>
): Promise<BuildRight> {
  const [row] = await sql<PackEnvironmentRow[]>`
    SELECT is_mine, status, install_error, retry_in_s, has_pack
    FROM agent_begin_environment(
      ${owner ?? null}, ${worker}, ${instance}, ${JSON.stringify(environment)}::text::json, ${leaseMs / 1000})`;
  if (row?.has_pack !== true)
    return { kind: 'failed', error: `there is no pack ${environment.packRef} in the database`, retryInMs: 0 };
  if (row.is_mine) return { kind: 'mine' };
  /* No row, though there is the pack: somebody else has inserted it meanwhile, where the statement could not see it. */
  if (row.status !== 'failed') return { kind: 'taken' };
  return {
    kind: 'failed',
    error: row.install_error ?? 'it failed',
    retryInMs: Math.max(0, (row.retry_in_s ?? 0) * 1000),
  };
}

export async function renewEnvironment(
  { sql, owner }: Caller,
  ...[{ worker, instance }, key, leaseMs]: Parameters<AgentStore['renewEnvironment']>
): Promise<boolean> {
  const [row] = await sql<{ renewed: boolean }[]>`
    SELECT agent_renew_environment(${owner ?? null}, ${worker}, ${instance}, ${key}, ${leaseMs / 1000}) AS renewed`;
  return row?.renewed === true;
}

/** More failures than these in a row wait as long as the last. */
const pausesS = Array.from({ length: 10 }, (_, n) => retryBuildMs(n + 1) / 1000);

export async function endEnvironment(
  { sql, owner }: Caller,
  ...[{ worker, instance }, key, end]: Parameters<AgentStore['endEnvironment']>
): Promise<void> {
  const status = { ready: 'ready', failed: 'failed', released: 'pending' }[end.kind];
  const error = end.kind === 'failed' ? end.error : null;
  await sql`
    SELECT agent_end_environment(
      ${owner ?? null}, ${worker}, ${instance}, ${key}, ${status}, ${error}, ${JSON.stringify(pausesS)}::text::json)`;
}

export async function forgetEnvironments({ sql, owner }: Caller, keys: readonly string[]): Promise<void> {
  await sql`SELECT agent_forget_environments(${JSON.stringify(keys)}::text::json, ${owner ?? null})`;
}

export async function listEnvironments(
  { sql }: Caller,
  confinedTo?: Confinement,
): Promise<readonly PackEnvironmentView[]> {
  const rows = await sql<PackEnvironmentViewRow[]>`
    SELECT e.env_key, e.pack_ref, e.runtime_ref, e.status, e.install_error, w.name AS worker, e.updated
    FROM pack_environment e LEFT JOIN worker w ON w.id = e.claimed_by_worker
    WHERE true ${withinPacks(sql, confinedTo, { column: 'e.pack_ref', isWhole: true })}
    ORDER BY e.updated DESC LIMIT ${MOST_ENVIRONMENTS}`;
  return rows.map(readEnvironmentRow);
}

export async function retryEnvironment({ sql }: Caller, key: string): Promise<boolean> {
  const rows = await sql`
    UPDATE pack_environment SET retry_after = NULL, updated = now() WHERE env_key = ${key} AND status = 'failed'
    RETURNING env_key`;
  return rows.length > 0;
}
