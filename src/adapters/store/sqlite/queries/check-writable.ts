import type { Sqlite } from '#adapters/store/sqlite/open.ts';

/** Writes the number of the schema's version again, as it is: a full disk has no room even for that. */
export function checkWritable({ database }: Sqlite): void {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  database.run(`PRAGMA user_version = ${row?.user_version ?? 0}`);
}
