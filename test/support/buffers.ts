import type postgres from 'postgres';

interface Explained {
  readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
}

/** Runs a statement and counts the buffers that it read, functions included. What is read to plan it does not count. */
export async function buffersOf(sql: postgres.Sql, statement: string): Promise<number> {
  await sql.unsafe(statement); /* what functions need to plan is read now */
  const [row] = await sql.unsafe<{ 'QUERY PLAN': readonly Explained[] }[]>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error(`no plan of ${statement}`);
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}
