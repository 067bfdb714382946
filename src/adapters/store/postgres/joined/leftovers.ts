import type postgres from 'postgres';

/**
 * What the first seven migrations for own databases have left in a joined one: a version of attune-agent that did not
 * tell the kinds apart has applied them, and failed at the eighth.
 */
const TABLES = [
  ...['execution_claim', 'execution_log', 'outbox', 'dead_letter', 'api_token', 'idempotency_key'],
  ...['worker_runtime_version', 'audit_log'],
];
const INDEXES = [
  ...['execution_requested', 'execution_active_by_worker', 'execution_by_status', 'execution_by_action'],
  ...['execution_parent', 'execution_original', 'execution_by_worker', 'artifact_version_execution', 'key_owner'],
];
/** Columns of their tables that they do not have themselves. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  execution: [
    ...['attempt', 'schedule_after', 'dispatched_at', 'timeout_seconds'],
    ...['inline_runtime', 'inline_code', 'inline_options'],
  ],
  pack_environment: ['claimed_by_instance', 'failures', 'retry_after'],
  artifact: ['last_version', 'action_ref'],
  artifact_version: ['attempt'],
};
const FUNCTIONS = ['agent_messages', 'agent_dispatch_message', 'notify_execution', 'notify_artifact'];

/** Tells whether migrations for own databases were applied in the schema in use. */
export async function hasLeftovers(sql: postgres.Sql | postgres.TransactionSql, schema: string): Promise<boolean> {
  const [found] = await sql<{ there: boolean }[]>`
    SELECT to_regclass(${`${schema}.agent_migration`}) IS NOT NULL AS there`;
  if (found?.there !== true) return false;
  const rows = await sql.unsafe(`SELECT FROM ${schema}.agent_migration WHERE number = 1 AND name = 'attune'`);
  return rows.length > 0;
}

/** Drops all of it, and returns the names. */
export async function dropLeftovers(sql: postgres.TransactionSql): Promise<readonly string[]> {
  const [row] = await sql<{ schema: string }[]>`SELECT current_schema() AS schema`;
  if (!row || !(await hasLeftovers(sql, row.schema))) return [];
  for (const table of TABLES) await sql.unsafe(`DROP TABLE IF EXISTS ${row.schema}.${table}`);
  for (const index of INDEXES) await sql.unsafe(`DROP INDEX IF EXISTS ${row.schema}.${index}`);
  const columns = Object.entries(COLUMNS).flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  for (const column of columns) {
    const [table = '', name = ''] = column.split('.');
    await sql.unsafe(`ALTER TABLE ${row.schema}.${table} DROP COLUMN IF EXISTS ${name}`);
  }
  for (const name of FUNCTIONS) await sql.unsafe(`DROP FUNCTION IF EXISTS ${row.schema}.${name}`);
  return [...TABLES, ...INDEXES, ...columns, ...FUNCTIONS];
}
