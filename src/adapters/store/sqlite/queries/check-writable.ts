import type { Sqlite } from '#adapters/store/sqlite/open.ts';

/**
 * Checks that the database can be written to, by writing the number of the schema's version again: a full disk has no
 * room even for that.
 */
export function checkWritable({ database }: Sqlite): void {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  database.run(`PRAGMA user_version = ${row?.user_version ?? 0}`);
}
