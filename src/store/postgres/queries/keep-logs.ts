import type { Sql } from '#store/postgres/connect.ts';

const DAYS_AHEAD = 3;
/** A year, and a month to look at it. */
const AUDIT_DAYS = 400;
/** Any number that no other program locks: "logs", as bytes. */
const LOCK = 0x6c6f6773;

/**
 * A partition for each of the next days; those that ended before the last `days` are dropped whole. A partition whose
 * rows have come early into the default one cannot be made: that day stays there.
 */
export async function keepLogs(sql: Sql, days: number): Promise<readonly string[]> {
  return await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${LOCK})`;
    const wanted = await transaction<{ name: string; from: string; until: string }[]>`
      SELECT 'execution_log_' || to_char(day, 'YYYYMMDD') AS name, day::date::text AS from, (day + interval '1 day')::date::text AS until
      FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC'), now() AT TIME ZONE 'UTC' + make_interval(days => ${DAYS_AHEAD}), '1 day') AS day
      WHERE to_regclass('attune.execution_log_' || to_char(day, 'YYYYMMDD')) IS NULL
        AND NOT EXISTS (SELECT FROM execution_log_default WHERE at >= day AT TIME ZONE 'UTC' AND at < (day + interval '1 day') AT TIME ZONE 'UTC')`;
    for (const { name, from, until } of wanted)
      await transaction.unsafe(
        `CREATE TABLE attune.${name} PARTITION OF attune.execution_log FOR VALUES FROM ('${from} 00:00+00') TO ('${until} 00:00+00')`,
      );
    const old = await transaction<{ name: string }[]>`
      SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'attune.execution_log'::regclass AND c.relname ~ '^execution_log_[0-9]{8}$'
        AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - ${days}::int`;
    for (const { name } of old) await transaction.unsafe(`DROP TABLE attune.${name}`);
    await transaction`DELETE FROM execution_log_default WHERE at < now() - make_interval(days => ${days})`;
    await transaction`DELETE FROM dead_letter WHERE created < now() - make_interval(days => ${days})`;
    await transaction`DELETE FROM audit_log WHERE at < now() - make_interval(days => ${AUDIT_DAYS})`;
    return old.map(({ name }) => name);
  });
}
