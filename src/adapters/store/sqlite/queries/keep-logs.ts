import { AUDIT_DAYS } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { DAY_MS } from '#domain/durations.ts';

/**
 * Deletes log rows of days before the last `days`, and returns the names that those days have as partitions on
 * PostgreSQL.
 */
export function keepLogs({ database, now }: Sqlite, days: number): readonly string[] {
  const before = (Math.floor(now() / DAY_MS) - days) * DAY_MS;
  const old = database
    .query<{ day: string }, [number]>(
      `SELECT DISTINCT strftime('%Y%m%d', at / 1000, 'unixepoch') AS day FROM execution_log WHERE at < ?`,
    )
    .all(before);
  database.query('DELETE FROM execution_log WHERE at < ?').run(before);
  database.query('DELETE FROM dead_letter WHERE created < ?').run(before);
  database.query('DELETE FROM audit_log WHERE at < ?').run(now() - AUDIT_DAYS * DAY_MS);
  return old.map(({ day }) => `execution_log_${day}`);
}
