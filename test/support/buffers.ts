import type postgres from 'postgres';

interface Explained {
  readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
}

/**
 * Runs a statement and counts the buffers that it read, functions and triggers included. A statement that may run twice
 * is run before, so that what functions read to plan does not count.
 */
export async function buffersOf(
  sql: postgres.Sql,
  statement: string,
  times: 'once' | 'twice' = 'twice',
): Promise<number> {
  if (times === 'twice') await sql.unsafe(statement);
  const [row] = await sql.unsafe<{ 'QUERY PLAN': readonly Explained[] }[]>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error(`no plan of ${statement}`);
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

/** A connection that counts what a piece of work asks of the database. */
export interface Counted {
  readonly sql: postgres.Sql;
  /** The number of statements, transactions not counted. */
  statements(work: () => Promise<unknown>): Promise<number>;
  /** The buffers of all its statements, tables with their large values and indexes, as the server's statistics count them. */
  buffers(work: () => Promise<unknown>): Promise<number>;
}

export function counting(sql: postgres.Sql): Counted {
  const count = async (what: string): Promise<number> => {
    await sql`SELECT pg_stat_force_next_flush()`;
    await sql`SELECT pg_stat_clear_snapshot()`;
    const [row] = await sql.unsafe<{ n: number }[]>(what);
    return row?.n ?? 0;
  };
  const blocks = `
    SELECT sum(heap_blks_read + heap_blks_hit + COALESCE(idx_blks_read, 0) + COALESCE(idx_blks_hit, 0)
      + COALESCE(toast_blks_read, 0) + COALESCE(toast_blks_hit, 0))::float8 AS n
    FROM pg_statio_all_tables WHERE schemaname = 'attune'`;
  let statements = 0;
  const counted = new Proxy(sql, {
    apply: (target, self, args) => {
      if (Array.isArray(args[0]) && 'raw' in args[0]) statements++;
      return Reflect.apply(target, self, args);
    },
  });
  return {
    sql: counted,
    statements: async (work) => {
      const before = statements;
      await work();
      return statements - before;
    },
    buffers: async (work) => {
      await work();
      const before = await count(blocks);
      await work();
      return (await count(blocks)) - before;
    },
  };
}
