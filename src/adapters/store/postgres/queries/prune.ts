import { OLDEST_FIRST, partsOf } from '#adapters/store/postgres/by-status.ts';
import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { DAY_MS } from '#domain/durations.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import type { OldArtifact, Retained, RetentionLimit } from '#domain/retention-store.ts';
import { DISORDER, idAt } from './list-executions.ts';

interface Batch extends Connected {
  readonly limit: RetentionLimit;
  readonly most: number;
  /** The time of the database, in milliseconds since 1970. */
  readonly now: number;
}

/** One server at a time: who has not got the lock leaves it to who has. */
export async function prune(
  { sql }: Caller,
  what: Retained,
  ...[limit, most]: readonly [RetentionLimit, number]
): Promise<number | undefined> {
  return await sql.begin(async (transaction) => {
    const [lock] = await transaction<{ now: Date }[]>`
      SELECT now() AS now FROM agent_lock WHERE name = 'retention' FOR UPDATE SKIP LOCKED`;
    if (!lock) return undefined;
    const { count } = await deletions[what]({ sql: transaction, limit, most, now: Number(lock.now) });
    return count;
  });
}

const deletions: Readonly<Record<Retained, (batch: Batch) => Promise<{ readonly count: number }>>> = {
  executions: async (batch) => {
    const old = oldExecutions(batch, await boundsOf(batch), { which: `status NOT IN ${ACTIVE}`, order: 'id' });
    return await batch.sql`DELETE FROM execution WHERE id IN (${old})`;
  },
  results: async (batch) => {
    const bounds = await boundsOf(batch);
    const old = FINAL_STATUSES.map((status) => {
      const [withResult] = partsOf(status);
      return oldExecutions(batch, bounds, { which: withResult, order: OLDEST_FIRST });
    }).reduce((all, one) => batch.sql`${all} UNION ALL ${one}`);
    return await batch.sql`
      WITH emptied AS (
        UPDATE execution SET result = NULL
        WHERE id IN (SELECT id FROM (${old}) AS old ORDER BY id LIMIT ${batch.most}) RETURNING id
      ), secrets AS (DELETE FROM execution_secret_value s USING emptied WHERE s.execution = emptied.id)
      SELECT id FROM emptied`;
  },
  audit: async (batch) => {
    const old = oldest(batch, 'audit_log', 'at');
    return await batch.sql`DELETE FROM audit_log WHERE id IN (${old})`;
  },
  'dead-letters': async (batch) => {
    const old = oldest(batch, 'dead_letter', 'created');
    return await batch.sql`DELETE FROM dead_letter WHERE id IN (${old})`;
  },
  tokens: async (batch) => {
    return await batch.sql`
      WITH gone AS (DELETE FROM api_token WHERE id IN (${oldTokens(batch)}) RETURNING id),
        unsigned AS (DELETE FROM webhook USING gone WHERE owner = gone.id::text RETURNING webhook.id),
        dropped AS (DELETE FROM webhook_delivery USING unsigned WHERE webhook = unsigned.id),
        forgotten AS (DELETE FROM webhook_ended USING unsigned WHERE webhook = unsigned.id)
      SELECT id FROM gone`;
  },
};

interface Bounds {
  /** The moment before which executions are old; undefined: their age does not matter. */
  readonly cut: number | undefined;
  /** No execution behind this id is old. */
  readonly byAge: number;
  /** The last id that is not among the newest. */
  readonly byCount: number;
}

/** Ids are given in the order of time: by them no newer execution is looked at. */
async function boundsOf({ sql, limit: { days, count }, now }: Batch): Promise<Bounds> {
  const cut = days === undefined ? undefined : now - days * DAY_MS;
  const [row] = await sql<{ by_age: string | null; by_count: string | null }[]>`
    SELECT ${idAt(sql, cut)} AS by_age, ${beyond(sql, 'execution', count)} AS by_count`;
  return { cut, byAge: Number(row?.by_age ?? -DISORDER) + DISORDER, byCount: Number(row?.by_count ?? 0) };
}

/** The oldest executions of some that have ended, beyond the limit, in an order that an index has. */
function oldExecutions(
  { sql, most }: Batch,
  { cut, byAge, byCount }: Bounds,
  { which, order }: { readonly which: string; readonly order: string },
) {
  return sql`
    (SELECT id FROM execution
    WHERE id <= ${Math.max(byAge, byCount)} AND ${sql.unsafe(which)}
      AND (id <= ${byCount} OR GREATEST(created, updated) < ${timeOf(cut)}::timestamptz)
    ORDER BY ${sql.unsafe(order)} LIMIT ${most})`;
}

/** The last id that is not among the newest; NULL if there are no others. */
function beyond(sql: Batch['sql'], table: string, count: number | undefined) {
  return count === undefined
    ? sql`NULL::bigint`
    : sql`(SELECT id FROM ${sql.unsafe(table)} ORDER BY id DESC OFFSET ${count} LIMIT 1)`;
}

/** The oldest rows of a table beyond the limit, found by its index of times and by that of its ids. */
function oldest({ sql, limit, most, now }: Batch, table: string, time: string) {
  const cut = limit.days === undefined ? undefined : now - limit.days * DAY_MS;
  const rows = sql.unsafe(table);
  const at = sql.unsafe(time);
  return sql`
    SELECT id FROM (
      (SELECT id FROM ${rows} WHERE ${at} < ${timeOf(cut)}::timestamptz ORDER BY ${at} LIMIT ${most})
      UNION (SELECT id FROM ${rows} WHERE id <= ${beyond(sql, table, limit.count)} ORDER BY id LIMIT ${most})
    ) AS old ORDER BY id LIMIT ${most}`;
}

/** The oldest tokens beyond the limit that are worth nothing any more. */
function oldTokens({ sql, limit: { days, count }, most, now }: Batch) {
  const cut = days === undefined ? undefined : now - days * DAY_MS;
  return sql`
    SELECT id FROM api_token
    WHERE id NOT IN (SELECT min(id) FROM api_token UNION SELECT max(id) FROM api_token)
      AND (LEAST(revoked_at, expires_at) < ${timeOf(cut)}::timestamptz
        OR LEAST(revoked_at, expires_at) <= now() AND id <= ${beyond(sql, 'api_token', count)})
    ORDER BY id LIMIT ${most}`;
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

export async function findOldArtifacts(
  { sql }: Caller,
  limit: RetentionLimit,
  most: number,
): Promise<readonly OldArtifact[]> {
  const [clock] = await sql<{ now: Date }[]>`SELECT now() AS now`;
  const batch = { sql, limit, most, now: Number(clock?.now) };
  return await sql<OldArtifact[]>`
    SELECT id, file_path AS path FROM artifact_version
    WHERE id IN (${oldest(batch, 'artifact_version', 'created')}) ORDER BY id`;
}

export async function forgetArtifacts({ sql }: Caller, ids: readonly string[]): Promise<void> {
  await sql`
    DELETE FROM artifact_version
    WHERE id = ANY(ARRAY(SELECT json_array_elements_text(${JSON.stringify(ids)}::text::json)::bigint))`;
}
