import type { Sql } from '#adapters/store/postgres/connect.ts';

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
];

/** How an index is: built, being built by somebody, left behind invalid by somebody who failed, or not there. */
export type IndexState = 'valid' | 'building' | 'invalid' | 'missing';

/**
 * Makes the indexes that are missing while others go on writing to the tables, and returns the names of those that it
 * has made. What an earlier attempt has left behind invalid is made again.
 */
export async function makeIndexes(sql: Sql, schema: string): Promise<readonly string[]> {
  const made: string[] = [];
  for (const { name, on } of joinedIndexes) {
    const state = await readIndexState(sql, schema, name);
    if (state === 'valid' || state === 'building') continue;
    if (state === 'invalid') await dropIndex(sql, schema, name);
    await sql.unsafe(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${schema}.${on}`);
    made.push(name);
  }
  return made;
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
