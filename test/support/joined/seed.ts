/** Rows of the database of Attune's Rust control plane, as its packs, its API and its executor leave them. */
import type postgres from 'postgres';

type Sql = postgres.Sql;

/** An execution_config that says nothing is how core.native is registered. */
const RUNTIMES = [
  { ref: 'core.shell', name: 'Shell', aliases: ['shell', 'bash', 'sh'], config: interpreter('/bin/bash', '.sh') },
  { ref: 'core.python', name: 'Python', aliases: ['python', 'python3'], config: interpreter('python3', '.py') },
  { ref: 'core.nodejs', name: 'Node.js', aliases: ['node', 'nodejs', 'node.js'], config: interpreter('node', '.js') },
  { ref: 'core.native', name: 'Native', aliases: ['native', 'builtin', 'standalone'], config: {} },
] as const;

function interpreter(binary: string, extension: string) {
  return { interpreter: { binary, args: [], file_extension: extension }, environment: null, dependencies: null };
}

/** Fills a new schema: identity 1, the packs core and demo, the runtimes of core, and the action demo.echo. */
export async function seedJoined(sql: Sql): Promise<void> {
  await sql`INSERT INTO identity (login, display_name) VALUES ('system', 'System')`;
  for (const ref of ['core', 'demo'])
    await sql`INSERT INTO pack (ref, label, version, is_standard) VALUES (${ref}, ${ref}, '1.0.0', ${ref === 'core'})`;
  for (const { ref, name, aliases, config } of RUNTIMES)
    await sql`
      INSERT INTO runtime (ref, pack, pack_ref, name, aliases, distributions, execution_config)
      SELECT ${ref}, id, 'core', ${name}, ${list(aliases)}, ${'{"verification": {"always_available": true}}'}::text::jsonb,
        ${JSON.stringify(config)}::text::jsonb
      FROM pack WHERE ref = 'core'`;
  await insertAction(sql, 'demo.echo');
}

/** What a test says of a row: the names of columns and their values; lists are lists of texts, objects are JSON. */
export type Columns = Readonly<Record<string, unknown>>;

/**
 * Registers an action, by default a shell script that is named like it, and returns its id. `runtimeRef` is the ref of
 * its runtime, null for none.
 */
export async function insertAction(
  sql: Sql,
  ref: string,
  { runtimeRef = 'core.shell', ...columns }: Columns & { readonly runtimeRef?: string | null } = {},
): Promise<number> {
  const [packRef = '', name = ref] = ref.split('.');
  const [owner] = await sql`SELECT id FROM pack WHERE ref = ${packRef}`;
  const [language] = await sql`SELECT id FROM runtime WHERE ref = ${runtimeRef}`;
  return await insert(sql, 'action', {
    ...{ ref, pack: owner?.['id'], pack_ref: packRef, label: name, entrypoint: `${name}.sh` },
    ...{ runtime: language?.['id'], ...columns },
  });
}

/** Requests an execution as the API does, and returns its id. */
export async function insertExecution(sql: Sql, actionRef: string, columns: Columns = {}): Promise<number> {
  const [action] = await sql`SELECT id FROM action WHERE ref = ${actionRef}`;
  return await insert(sql, 'execution', { action: action?.['id'], action_ref: actionRef, config: {}, ...columns });
}

/** Has an execution wait for a worker, as the executor leaves it before it sends the dispatch message. */
export async function scheduleExecution(sql: Sql, execution: number | string, worker: number | string): Promise<void> {
  await sql`UPDATE execution SET status = 'scheduled', worker = ${worker} WHERE id = ${execution}`;
}

/** Inserts a row, and returns its id. */
export async function insert(sql: Sql, table: string, columns: Columns): Promise<number> {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => `"${name}"`).join(', ');
  const [row] = await sql.unsafe<{ id: string }[]>(
    `INSERT INTO "${table}" (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::"${table}", $1::text::jsonb)
      RETURNING id`,
    [JSON.stringify(Object.fromEntries(given))],
  );
  if (!row) throw new Error(`no row of ${table}`);
  return Number(row.id);
}

function list(texts: readonly string[]): string {
  return `{${texts.map((one) => JSON.stringify(one)).join(',')}}`;
}
