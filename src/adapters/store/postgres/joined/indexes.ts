import { setTimeout } from 'node:timers/promises';
import type { Sql } from '#adapters/store/postgres/connect.ts';
import { codeOf } from '#domain/errors.ts';

/** An index of attune-agent on a table of Attune's Rust control plane. */
export interface JoinedIndex {
  readonly name: string;
  /** The table and what is indexed, as SQL. */
  readonly on: string;
}

export const joinedIndexes: readonly JoinedIndex[] = [
  {
    name: 'agent_execution_by_worker',
    on: "execution (worker, status) WHERE status IN ('scheduled', 'running', 'canceling')",
  },
  { name: 'agent_artifact_by_ref', on: 'artifact (ref)' },
  { name: 'agent_artifact_version_by_execution', on: 'artifact_version (execution) WHERE execution IS NOT NULL' },
];

/** How often it is looked whether another process has built an index. */
const WATCH_MS = 200;
/** What PostgreSQL answers when another process builds the index: a deadlock, or that its name is there by now. */
const COLLISIONS = ['40P01', '42P07', '23505'];

/** How an index is: built, being built by somebody, left behind invalid by somebody who failed, or not there. */
export type IndexState = 'valid' | 'building' | 'invalid' | 'missing';

/**
 * Makes the indexes that are missing while others go on writing to the tables, and returns the names of those that it
 * has made. What an earlier attempt has left behind invalid is made again; what another process is building is waited
 * for. Two that build on one table wait for each other, until PostgreSQL ends one of them: that one looks again.
 */
export async function makeIndexes(sql: Sql, schema: string): Promise<readonly string[]> {
  const made: string[] = [];
  for (const index of joinedIndexes) if (await makeIndex(sql, schema, index)) made.push(index.name);
  return made;
}

/** Makes an index; false if it was there, or somebody else has made it. */
async function makeIndex(sql: Sql, schema: string, index: JoinedIndex): Promise<boolean> {
  for (;;) {
    const state = await readIndexState(sql, schema, index.name);
    if (state === 'valid') return false;
    if (state === 'building') await setTimeout(WATCH_MS);
    else if (await build(sql, schema, { ...index, isLeftover: state === 'invalid' })) return true;
  }
}

/** Builds an index; false if another process was in the way. */
async function build(
  sql: Sql,
  schema: string,
  { name, on, isLeftover }: JoinedIndex & { readonly isLeftover: boolean },
): Promise<boolean> {
  try {
    if (isLeftover) await dropIndex(sql, schema, name);
    await sql.unsafe(`CREATE INDEX CONCURRENTLY ${name} ON ${schema}.${on}`);
    return true;
  } catch (error) {
    if (COLLISIONS.includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

/** Removes an index while others go on writing to its table. */
export async function dropIndex(sql: Sql, schema: string, name: string): Promise<void> {
  await sql.unsafe(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${name}`);
}

export async function readIndexState(sql: Sql, schema: string, name: string): Promise<IndexState> {
  const [row] = await sql<{ state: IndexState }[]>`
    SELECT CASE
      WHEN i.indisvalid THEN 'valid'
      WHEN EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) THEN 'building'
      ELSE 'invalid' END AS state
    FROM pg_index i WHERE i.indexrelid = to_regclass(${`${schema}.${name}`})`;
  return row?.state ?? 'missing';
}
