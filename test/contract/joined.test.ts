import { expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { type FoundDatabase, findKind } from '#adapters/store/postgres/find-kind.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openAttuneDatabase } from '#test/support/joined/database.ts';
import { makeJoinedSchema } from '#test/support/joined/schema.ts';
import { insert, insertAction, insertExecution, scheduleExecution } from '#test/support/joined/seed.ts';
import { openSql, schema as ownSchema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';

const server = sharedPostgres();

/** The lines of a file of facts, without its head. */
function lines(file: string): readonly string[] {
  const text = readFileSync(`${import.meta.dir}/../support/joined/${file}.tsv`, 'utf8');
  return text.replace(/\n$/, '').split('\n').slice(1).toSorted();
}

serversTest('the fixture has each column, enum and trigger of the facts, and nothing else', async () => {
  await using database = await openAttuneDatabase(server());
  const columns = await database.sql<{ line: string }[]>`
    SELECT concat_ws(E'\t', table_name, ordinal_position, column_name,
      CASE data_type WHEN 'USER-DEFINED' THEN udt_name WHEN 'ARRAY' THEN ltrim(udt_name, '_') || '[]' ELSE data_type END,
      is_nullable, COALESCE(CASE is_generated WHEN 'NEVER' THEN column_default END, ''),
      CASE is_generated WHEN 'ALWAYS' THEN 'yes' ELSE '' END) AS line
    FROM information_schema.columns WHERE table_schema = 'attune' AND table_name <> '_migrations'`;
  expect(columns.map((one) => one.line).toSorted()).toEqual([...lines('columns')]);
  const enums = await database.sql<{ line: string }[]>`
    SELECT t.typname || E'\t' || string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) AS line
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname`;
  expect(enums.map((one) => one.line).toSorted()).toEqual([...lines('enums')]);
  const triggers = await database.sql<{ name: string }[]>`
    SELECT c.relname || ' ' || t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`;
  const named = lines('triggers').map((line) => line.split('\t').slice(0, 2).join(' '));
  expect(triggers.map((one) => one.name).toSorted()).toEqual(named.toSorted());
});

serversTest('the triggers of the fixture record history, audit and notifications', async () => {
  await using database = await openAttuneDatabase(server());
  const { sql } = database;
  await insertAction(sql, 'demo.stats', { runtimeRef: 'core.python' });
  const execution = await insertExecution(sql, 'demo.stats', { config: { a: 1 } });
  const worker = await insert(sql, 'worker', { name: 'w', worker_type: 'local', worker_role: 'action' });
  await scheduleExecution(sql, execution, worker);
  expect([...(await sql`SELECT operation, changed_fields FROM execution_history ORDER BY time`)].at(-1)).toMatchObject({
    operation: 'UPDATE',
  });
  const events = await sql<{ event_type: string }[]>`SELECT event_type FROM audit_event ORDER BY id`;
  expect(events.map((one) => one.event_type)).toEqual(['execution.requested', 'execution.scheduled']);
});

serversTest('whose database it is is seen by the type of a status, in whichever schema', async () => {
  const inSchema = async (...schemas: readonly string[]): Promise<FoundDatabase> => {
    const sql = openSql(await server().createDatabase());
    for (const schema of schemas)
      if (schema === 'own') await migrate(sql, ownSchema);
      else await makeJoinedSchema(sql, schema);
    const found = await findKind(sql);
    await sql.end();
    return found;
  };
  const joined = { kind: 'joined', isMigrated: false, isMixed: false } as const;
  expect(await inSchema('attune')).toEqual({ ...joined, schema: 'attune' });
  expect(await inSchema('public')).toEqual({ ...joined, schema: 'public' });
  expect(await inSchema('elsewhere', 'public')).toEqual({ ...joined, schema: 'public' });
  expect(await inSchema('elsewhere')).toEqual({ ...joined, schema: 'elsewhere' });
  const own = { kind: 'own', schema: 'attune', isMigrated: true, isMixed: false } as const;
  expect(await inSchema()).toEqual({ ...own, isMigrated: false });
  expect(await inSchema('own')).toEqual(own);
  expect(await inSchema('own', 'public')).toEqual(own);
});

serversTest('an own database in which the migrations of Attune have begun stays an own one', async () => {
  const sql = openSql(await server().createDatabase());
  await migrate(sql, ownSchema);
  await sql.unsafe("CREATE TYPE attune.execution_status_enum AS ENUM ('requested')");
  expect(await findKind(sql)).toEqual({ kind: 'own', schema: 'attune', isMigrated: true, isMixed: true });
  await sql.end();
});
