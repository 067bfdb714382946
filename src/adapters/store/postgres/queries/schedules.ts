import type postgres from 'postgres';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { within } from '#adapters/store/postgres/within.ts';
import {
  readDueSchedule,
  readSchedule,
  SCHEDULE_VIEW,
  type ScheduleRow,
  type ScheduleViewRow,
  type scheduleRows,
} from '#adapters/store/schedule-row.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';
import type { Page } from '#domain/page.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { DueSchedule, NewSchedule, ScheduleView } from '#domain/schedule.ts';
import type { ScheduleStep } from '#domain/timetable-store.ts';
import { storableJson } from '#formats/storable.ts';
import { request } from './request.ts';

export async function listSchedules(
  { sql }: Caller,
  { after = '0', limit, confinedTo }: Page = {},
): Promise<readonly ScheduleView[]> {
  const rows = await sql<ScheduleViewRow[]>`
    ${sql.unsafe(SCHEDULE_VIEW)}
    WHERE s.id > ${after} ${within(sql, confinedTo, 's.action_ref')} ORDER BY s.id LIMIT ${limit ?? null}`;
  return rows.map(readSchedule);
}

export async function findSchedule({ sql }: Caller, id: string): Promise<ScheduleView | undefined> {
  const [row] = await sql<ScheduleViewRow[]>`
    ${sql.unsafe(SCHEDULE_VIEW)} WHERE s.id = ${id}`;
  return row && readSchedule(row);
}

export async function addSchedule(
  { sql }: Caller,
  one: NewSchedule,
  most: number,
): Promise<Result<string, 'exists' | 'full'>> {
  const [row] = await sql<{ id: string | null; is_full: boolean }[]>`
    WITH had AS (SELECT count(*) >= ${most} AS is_full FROM schedule WHERE pack IS NULL), made AS (
      INSERT INTO schedule (action_ref, name, cron, time_zone, parameters, missed, is_paused)
      SELECT ${one.actionRef}, ${one.name}, ${one.cron}, ${one.timeZone}, ${storableJson(one.parameters)}::text::jsonb,
        ${one.missed}, ${one.isPaused}::boolean
      FROM had WHERE NOT is_full
      ON CONFLICT (action_ref, name) DO NOTHING RETURNING id
    ) SELECT (SELECT id FROM made) AS id, is_full FROM had`;
  if (row && row.id !== null) return success(row.id);
  return failure(row?.is_full ? 'full' : 'exists');
}

/** What was due while it was paused does not come later: the next time is computed anew. */
export async function pauseSchedule({ sql }: Caller, id: string, isPaused: boolean): Promise<boolean> {
  const rows = await sql`
    UPDATE schedule SET is_paused = ${isPaused}, next_at = CASE WHEN is_paused = ${isPaused} THEN next_at END,
      updated = now()
    WHERE id = ${id} RETURNING id`;
  return rows.length > 0;
}

export async function deleteSchedule({ sql }: Caller, id: string): Promise<boolean> {
  const rows = await sql`DELETE FROM schedule WHERE id = ${id} AND pack IS NULL RETURNING id`;
  return rows.length > 0;
}

export async function dueSchedules(
  caller: Caller,
  limit: number,
): Promise<{ readonly now: number; readonly due: readonly DueSchedule[] }> {
  const { sql } = caller;
  const rows = await sql<(ScheduleRow & { readonly now: Date })[]>`
    SELECT *, now() AS now FROM schedule WHERE NOT is_paused AND (next_at IS NULL OR next_at <= now())
    ORDER BY next_at NULLS FIRST LIMIT ${limit}`;
  const isSecret = rows.some((row) => row.encrypted_parameters !== null);
  const cipher = isSecret ? await ownCipher(caller) : undefined;
  return { now: Number(rows[0]?.now ?? 0), due: rows.map((row) => readDueSchedule(row, cipher)) };
}

/** The next time by compare-and-set and the request are one transaction: one server makes all of it, or none does. */
export async function stepSchedule(
  { sql, ciphers }: Caller,
  { schedule, from, to, outcome }: ScheduleStep,
): Promise<(Messages & { readonly execution: ExecutionId | undefined }) | undefined> {
  return await sql.begin(async (transaction) => {
    const [mine] = await transaction`
      UPDATE schedule SET next_at = ${timeOf(transaction, to)}, is_paused = ${to === undefined},
        problem = ${outcome && 'problem' in outcome ? outcome.problem : null}, updated = now()
      WHERE id = ${schedule} AND NOT is_paused AND next_at IS NOT DISTINCT FROM ${timeOf(transaction, from)}
      RETURNING id`;
    if (!mine) return undefined;
    if (!(outcome && 'request' in outcome)) return { messages: [], execution: undefined };
    const { executions, messages } = await request({ sql: transaction, ciphers }, [outcome.request]);
    const [execution] = executions;
    await transaction`
      UPDATE schedule SET last_at = ${timeOf(transaction, from)}, last_execution = ${execution ?? null},
        problem = CASE WHEN ${execution === undefined} THEN 'there is no such action' END
      WHERE id = ${schedule}`;
    return { messages, execution };
  });
}

function timeOf(sql: postgres.TransactionSql, ms: number | undefined) {
  return sql`${ms === undefined ? null : new Date(ms).toISOString()}::timestamptz`;
}

/** Saves the schedules that the files of a pack have now; pauses stay, and a new time counts from now on. */
export async function saveSchedules(
  sql: postgres.TransactionSql,
  pack: string,
  schedules: ReturnType<typeof scheduleRows>,
): Promise<void> {
  const rows = storableJson(schedules);
  await sql`
    DELETE FROM schedule WHERE pack = ${pack} AND (action_ref, name) NOT IN (
      SELECT action_ref, name FROM json_to_recordset(${rows}::text::json) AS g(action_ref TEXT, name TEXT))`;
  await sql`
    INSERT INTO schedule (action_ref, name, pack, cron, time_zone, parameters, missed)
    SELECT action_ref, name, ${pack}::bigint, cron, time_zone, parameters, missed
    FROM json_populate_recordset(NULL::schedule, ${rows}::text::json)
    ON CONFLICT (action_ref, name) DO UPDATE SET pack = EXCLUDED.pack, cron = EXCLUDED.cron,
      time_zone = EXCLUDED.time_zone, parameters = EXCLUDED.parameters, encrypted_parameters = NULL,
      missed = EXCLUDED.missed, updated = now(),
      next_at = CASE
        WHEN schedule.cron = EXCLUDED.cron AND schedule.time_zone = EXCLUDED.time_zone THEN schedule.next_at END`;
}
