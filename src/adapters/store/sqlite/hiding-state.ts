import type { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';

/** Where the search has come. */
export function readSetting(database: Database, name: string): string | undefined {
  return database.query<{ value: string }, [string]>('SELECT value FROM agent_setting WHERE name = ?').get(name)?.value;
}

export function writeSetting(database: Database, name: string, value: string): void {
  database
    .query(
      'INSERT INTO agent_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    )
    .run(name, value);
}

/** Tells one state of the schemas with secrets from another. */
export function digestOf(database: Database): string {
  const actions = database
    .query<{ ref: string; param_schema: string }, []>(
      `SELECT ref, param_schema FROM action WHERE param_schema LIKE '%"secret"%' ORDER BY ref`,
    )
    .all();
  return createHash('sha256').update(JSON.stringify(actions)).digest('hex');
}
