import type postgres from 'postgres';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { counting } from '#test/support/buffers.ts';
import type { PostgresServer } from '#test/support/postgres.ts';
import { openSql, schema } from '#test/support/schema.ts';

/** A migrated database of one law, whose statements are counted. */
export interface Bed extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
  readonly caller: Caller;
  statements(work: () => Promise<unknown>): Promise<number>;
  buffers(work: () => Promise<unknown>): Promise<number>;
}

export async function openBed(server: PostgresServer): Promise<Bed> {
  const url = await server.createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  await sql`ALTER TABLE execution DISABLE TRIGGER USER`;
  const counted = counting(sql);
  const caller: Caller = {
    sql: counted.sql,
    owner: undefined,

    ciphers: undefined,
    shared: undefined,
  };
  return {
    url,
    sql,
    caller,
    statements: counted.statements,
    buffers: counted.buffers,
    [Symbol.asyncDispose]: async () => await sql.end(),
  };
}

/** Adds actions of ten packs until there are so many. */
export async function addActions(sql: postgres.Sql, until: number): Promise<void> {
  await sql`INSERT INTO runtime (ref, name) VALUES ('core.shell', 'shell') ON CONFLICT DO NOTHING`;
  await sql`
    INSERT INTO pack (ref, label, version) SELECT 'p' || n, 'p', '1' FROM generate_series(0, 9) n ON CONFLICT DO NOTHING`;
  await sql`
    INSERT INTO action (ref, pack, pack_ref, label, entrypoint, runtime)
    SELECT p.ref || '.a' || n, p.id, p.ref, 'a', 'a.sh', (SELECT id FROM runtime LIMIT 1)
    FROM generate_series((SELECT count(*) + 1 FROM action), ${until}::int) n JOIN pack p ON p.ref = 'p' || n % 10`;
}

/** Adds executions of one worker that have ended until there are so many. */
export async function addEnded(sql: postgres.Sql, until: number): Promise<void> {
  await sql`
    INSERT INTO execution (action_ref, status, worker, attempt)
    SELECT 'p.a', 'completed', 1, 1 FROM generate_series((SELECT count(*) + 1 FROM execution), ${until}::int)`;
  await sql`VACUUM ANALYZE execution`;
}

/** Adds chunks to the log of execution 1 until there are so many. */
export async function addChunks(sql: postgres.Sql, until: number): Promise<void> {
  await sql`INSERT INTO execution (id, action_ref, status) VALUES (1, 'p.a', 'running') ON CONFLICT DO NOTHING`;
  await sql`
    INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data)
    SELECT 1, 1, CASE n % 2 WHEN 0 THEN 'stdout' ELSE 'stderr' END, n, n, 'x'
    FROM generate_series((SELECT count(*) FROM execution_log), ${until}::int - 1) n`;
  await sql`VACUUM ANALYZE execution_log`;
}
