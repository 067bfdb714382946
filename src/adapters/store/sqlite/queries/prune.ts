import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { DAY_MS } from '#domain/durations.ts';
import { groupsOf } from '#domain/groups.ts';
import type { OldArtifact, Retained, RetentionLimit } from '#domain/retention-store.ts';

const BYTES = 'COALESCE(octet_length(config), 0) + COALESCE(octet_length(result), 0)';
const TOKEN_ENDS = 'COALESCE(min(revoked_at, expires_at), revoked_at, expires_at)';

/** Rows that may go: their table, when they came and were changed last, and what must be true of them besides. */
const TABLES = {
  executions: {
    ...{ table: 'execution', came: 'created', time: 'max(created, updated)', bytes: BYTES },
    condition: `status NOT IN ${ACTIVE}`,
  },
  results: {
    ...{ table: 'execution', came: 'created', time: 'max(created, updated)', bytes: BYTES },
    condition: `result IS NOT NULL AND status NOT IN ${ACTIVE}`,
  },
  audit: { table: 'audit_log', came: 'at', time: 'at', bytes: '0', condition: 'true' },
  'dead-letters': {
    ...{ table: 'dead_letter', came: 'created', time: 'created', bytes: 'octet_length(body)' },
    condition: 'true',
  },
  tokens: {
    ...{ table: 'api_token', came: 'created', time: TOKEN_ENDS, bytes: '0' },
    condition: `${TOKEN_ENDS} <= unixepoch('subsec') * 1000 AND id NOT IN (
      SELECT min(id) FROM api_token UNION SELECT max(id) FROM api_token)`,
  },
  artifacts: { table: 'artifact_version', came: 'created', time: 'created', bytes: '0', condition: 'true' },
} as const;
export type Table = keyof typeof TABLES;

/** A part of what may go, from an id to another. */
export interface OldPart {
  readonly after: number;
  readonly upTo: number;
  /** The last id that is not among the newest; 0: there is none. */
  readonly byCount: number;
}

/** Ids may be so far from the order of their times. */
const DISORDER = 1000;
/** Bytes of rows that are looked at, and removed, in one step; one row may have more. */
const MOST_BYTES = 1024 * 1024;

/** Finds the next part of what may be old or too much, as much as one step may look at; undefined: there is no more. */
export function nextOldPart(
  { database, now }: Sqlite,
  what: Table,
  {
    limit,
    most,
    after,
    byCount,
  }: Pick<OldPart, 'after' | 'byCount'> & { readonly limit: RetentionLimit; readonly most: number },
): OldPart | undefined {
  const { table, came, bytes, condition } = TABLES[what];
  const byAge =
    limit.days === undefined ? 0 : firstSince({ database }, { table, came }, now() - limit.days * DAY_MS) + DISORDER;
  const rows = database
    .query<{ id: number; bytes: number }, [number, number, number]>(`
      SELECT id, ${bytes} AS bytes FROM ${table} WHERE ${condition} AND id > ? AND id <= ? ORDER BY id LIMIT ?`)
    .all(after, Math.max(byCount, byAge), most);
  const upTo = groupsOf(rows, (row) => row.bytes, MOST_BYTES)[0]?.at(-1)?.id;
  return upTo === undefined ? undefined : { after, upTo, byCount };
}

/** Removes what is beyond the limit; of a part what is in it. */
export function prune(
  sqlite: Sqlite,
  what: Retained,
  ...[limit, most]: readonly [RetentionLimit & { readonly part?: OldPart }, number]
): number {
  const { database } = sqlite;
  const ids = JSON.stringify(oldOf(sqlite, what, { limit, most }));
  if (what === 'results') {
    database.query('DELETE FROM execution_secret_value WHERE execution IN (SELECT value FROM json_each(?))').run(ids);
    return database.query('UPDATE execution SET result = NULL WHERE id IN (SELECT value FROM json_each(?))').run(ids)
      .changes;
  }
  if (what === 'tokens') removeCallbackSecrets(sqlite, ids);
  return database.query(`DELETE FROM ${TABLES[what].table} WHERE id IN (SELECT value FROM json_each(?))`).run(ids)
    .changes;
}

/** Removes what signs the callbacks of tokens, with what nobody would sign any more. */
function removeCallbackSecrets({ database }: Pick<Sqlite, 'database'>, tokens: string): void {
  const those = 'FROM webhook WHERE owner IN (SELECT CAST(value AS TEXT) FROM json_each(?))';
  for (const table of ['webhook_delivery', 'webhook_ended'])
    database.query(`DELETE FROM ${table} WHERE webhook IN (SELECT id ${those})`).run(tokens);
  database.query(`DELETE ${those}`).run(tokens);
}

/** The ids of the oldest rows beyond the limit. */
function oldOf(
  { database, now }: Sqlite,
  what: Table,
  { limit, most }: { readonly limit: RetentionLimit & { readonly part?: OldPart }; readonly most: number },
): readonly number[] {
  const { table, time, condition } = TABLES[what];
  const { after, upTo, byCount } = limit.part ?? { after: 0, upTo: Number.MAX_SAFE_INTEGER, byCount: 0 };
  const cut = limit.days === undefined ? 0 : now() - limit.days * DAY_MS;
  return database
    .query<{ id: number }, [number, number, number, number, number]>(`
      SELECT id FROM ${table} WHERE id > ? AND id <= ? AND ${condition} AND (id <= ? OR ${time} < ?)
      ORDER BY id LIMIT ?`)
    .all(after, upTo, byCount, cut, most)
    .map(({ id }) => id);
}

/** The first id that came at a time or later, found by halving: ids are given in the order of time. */
function firstSince(
  { database }: Pick<Sqlite, 'database'>,
  { table, came }: { readonly table: string; readonly came: string },
  since: number,
): number {
  const ends = database
    .query<{ low: number; high: number }, []>(`
      SELECT COALESCE((SELECT min(id) FROM ${table}), 0) AS low, COALESCE((SELECT max(id) FROM ${table}), 0) AS high`)
    .get() ?? { low: 0, high: 0 };
  const next = database.query<{ came: number }, [number]>(
    `SELECT ${came} AS came FROM ${table} WHERE id >= ? ORDER BY id LIMIT 1`,
  );
  let { low } = ends;
  for (let high = ends.high + 1; low < high; ) {
    const middle = Math.floor((low + high) / 2);
    if ((next.get(middle)?.came ?? since) < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows that one step counts. */
const COUNTED = 20_000;

/** Goes down from the newest row; yields after each step. Returns the last id that is not among them, 0 without one. */
export function* lastBeyond(
  { database }: Pick<Sqlite, 'database'>,
  what: Table,
  count: number | undefined,
): Generator<undefined, number> {
  if (count === undefined) return 0;
  const next = database.query<{ id: number }, [number, number]>(
    `SELECT id FROM ${TABLES[what].table} WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?`,
  );
  let id = Number.MAX_SAFE_INTEGER;
  for (let left = count; left > 0; left -= COUNTED) {
    const row = next.get(id, Math.min(left, COUNTED) - 1);
    if (row === null) return 0;
    id = row.id;
    yield;
  }
  return next.get(id, 0)?.id ?? 0;
}

export function findOldArtifacts(
  sqlite: Sqlite,
  limit: RetentionLimit & { readonly part?: OldPart },
  most: number,
): readonly OldArtifact[] {
  const ids = JSON.stringify(oldOf(sqlite, 'artifacts', { limit, most }));
  return sqlite.database
    .query<{ id: number; path: string }, [string]>(
      'SELECT id, file_path AS path FROM artifact_version WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
    )
    .all(ids)
    .map(({ id, path }) => ({ id: String(id), path }));
}

export function forgetArtifacts({ database }: Sqlite, ids: readonly string[]): void {
  database
    .query('DELETE FROM artifact_version WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))')
    .run(JSON.stringify(ids));
}
