import type postgres from 'postgres';
import type { Caller } from '#adapters/store/postgres/connect.ts';

export async function endStale({ sql }: Caller, olderThanMs: number): Promise<readonly string[]> {
  const rows = await sql<{ login: string }[]>`SELECT agent_end_stale(${olderThanMs / 1000}) AS login`;
  return [...rows.map(({ login }) => login), ...(await rollBackPrepared(sql, olderThanMs))];
}

/**
 * Rolls back what workers' logins have prepared (PREPARE TRANSACTION), where PostgreSQL allows that at all: such a
 * transaction holds its locks without a session, also over a restart. It takes a superuser and a statement of its own,
 * which no function can make. Returns the logins.
 */
async function rollBackPrepared(sql: Caller['sql'], olderThanMs: number): Promise<readonly string[]> {
  const prepared = await sql<{ statement: string; login: string }[]>`
    SELECT format('ROLLBACK PREPARED %L', p.gid) AS statement, p.owner AS login
    FROM pg_prepared_xacts p JOIN pg_roles r ON r.rolname = p.owner
    WHERE current_setting('max_prepared_transactions')::int > 0 AND p.database = current_database()
      AND p.prepared <= now() - ${olderThanMs}::float8 * interval '1 ms'
      AND pg_has_role(r.oid, to_regrole('attune_worker'), 'MEMBER')
      AND NOT has_table_privilege(r.oid, 'worker', 'UPDATE')
      AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`;
  const ended: string[] = [];
  for (const { statement, login } of prepared) if (await isDone(sql, statement)) ended.push(login);
  return ended;
}

/** False if another server was faster, or the login itself. */
async function isDone(sql: postgres.Sql, statement: string): Promise<boolean> {
  return await sql.unsafe(statement).then(
    () => true,
    () => false,
  );
}
