import { parsed } from '#adapters/store/json.ts';
import {
  readDueSchedule,
  readSchedule,
  SCHEDULE_VIEW,
  type ScheduleRow,
  type ScheduleViewRow,
  type scheduleRows,
} from '#adapters/store/schedule-row.ts';
import { readEncryptedParameters } from '#adapters/store/secret-parameters.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import { within } from '#adapters/store/sqlite/within.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';
import type { Page } from '#domain/page.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { DueSchedule, NewSchedule, ScheduleView } from '#domain/schedule.ts';
import type { ScheduleStep } from '#domain/timetable-store.ts';
import { request } from './request.ts';

type Row = Omit<ScheduleRow, 'encrypted_parameters'> & {
  readonly parameters: string;
  readonly encrypted_parameters: string | null;
};
type ViewRow = Omit<ScheduleViewRow, 'encrypted_parameters'> & Row & { readonly param_schema: string | null };

function readRow(row: Row): ScheduleRow {
  const encrypted = readEncryptedParameters(row.encrypted_parameters);
  return { ...row, parameters: parsed(row.parameters), encrypted_parameters: encrypted };
}

function readViewRow(row: ViewRow): ScheduleView {
  return readSchedule({ ...row, ...readRow(row), param_schema: parsed(row.param_schema) });
}

export function listSchedules(
  { database }: Sqlite,
  { after = '0', limit = -1, confinedTo }: Page = {},
): readonly ScheduleView[] {
  const [seen, values] = within(confinedTo, 's.action_ref');
  return database
    .query<ViewRow, (string | number)[]>(
      `${SCHEDULE_VIEW} WHERE s.id > CAST(? AS INTEGER) AND ${seen} ORDER BY s.id LIMIT ?`,
    )
    .all(after, ...values, limit)
    .map(readViewRow);
}

export function findSchedule({ database }: Sqlite, id: string): ScheduleView | undefined {
  const row = database.query<ViewRow, [string]>(`${SCHEDULE_VIEW} WHERE s.id = ?`).get(id);
  return row ? readViewRow(row) : undefined;
}

export function addSchedule(
  { database, now }: Sqlite,
  one: NewSchedule,
  most: number,
): Result<string, 'exists' | 'full'> {
  const made = database.query<{ count: number }, []>('SELECT count(*) AS count FROM schedule WHERE pack IS NULL').get();
  if ((made?.count ?? 0) >= most) return failure('full');
  const row = database
    .query<{ id: number }, (string | number)[]>(`
      INSERT INTO schedule (action_ref, name, cron, time_zone, parameters, missed, is_paused, created, updated)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (action_ref, name) DO NOTHING RETURNING id`)
    .get(
      ...[one.actionRef, one.name, one.cron, one.timeZone, JSON.stringify(one.parameters)],
      ...[one.missed, Number(one.isPaused), now(), now()],
    );
  return row ? success(String(row.id)) : failure('exists');
}

/** What was due while it was paused does not come later: the next time is computed anew. */
export function pauseSchedule({ database, now }: Sqlite, id: string, isPaused: boolean): boolean {
  return (
    database
      .query(`
        UPDATE schedule SET is_paused = ?1, next_at = CASE WHEN is_paused = ?1 THEN next_at END, updated = ?2
        WHERE id = ?3`)
      .run(Number(isPaused), now(), id).changes > 0
  );
}

export function deleteSchedule({ database }: Sqlite, id: string): boolean {
  return database.query('DELETE FROM schedule WHERE id = ? AND pack IS NULL').run(id).changes > 0;
}

export function dueSchedules(
  { database, now, cipher }: Caller,
  limit: number,
): { readonly now: number; readonly due: readonly DueSchedule[] } {
  const time = now();
  const rows = database
    .query<Row, [number, number]>(`
      SELECT * FROM schedule WHERE NOT is_paused AND (next_at IS NULL OR next_at <= ?)
      ORDER BY next_at NULLS FIRST LIMIT ?`)
    .all(time, limit);
  return { now: time, due: rows.map((row) => readDueSchedule(readRow(row), cipher)) };
}

export function stepSchedule(
  sqlite: Caller,
  { schedule, from, to, outcome }: ScheduleStep,
): (Messages & { readonly execution: ExecutionId | undefined }) | undefined {
  const { database, now } = sqlite;
  const problem = outcome && 'problem' in outcome ? outcome.problem : null;
  const mine = database
    .query(`
      UPDATE schedule SET next_at = ?1, is_paused = ?2, problem = ?3, updated = ?4
      WHERE id = ?5 AND NOT is_paused AND next_at IS ?6`)
    .run(to ?? null, Number(to === undefined), problem, now(), schedule, from ?? null);
  if (mine.changes === 0) return undefined;
  if (!(outcome && 'request' in outcome)) return { messages: [], execution: undefined };
  const { executions, messages } = request(sqlite, [outcome.request]);
  const [execution] = executions;
  const flaw = execution === undefined ? 'there is no such action' : null;
  database
    .query('UPDATE schedule SET last_at = ?, last_execution = ?, problem = ? WHERE id = ?')
    .run(from ?? null, execution ?? null, flaw, schedule);
  return { messages, execution };
}

/** Saves the schedules that the files of a pack have now; pauses stay, and a new time counts from now on. */
export function saveSchedules(
  { database, now }: Sqlite,
  pack: number,
  schedules: ReturnType<typeof scheduleRows>,
): void {
  database
    .query(`
      DELETE FROM schedule WHERE pack = ? AND (action_ref, name) NOT IN (
        SELECT value->>'action_ref', value->>'name' FROM json_each(?))`)
    .run(pack, JSON.stringify(schedules));
  for (const one of schedules)
    database
      .query(`
        INSERT INTO schedule (action_ref, name, pack, cron, time_zone, parameters, missed, created, updated)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
        ON CONFLICT (action_ref, name) DO UPDATE SET pack = excluded.pack, cron = excluded.cron,
          time_zone = excluded.time_zone, parameters = excluded.parameters, missed = excluded.missed,
          encrypted_parameters = NULL, updated = excluded.updated,
          next_at = CASE WHEN cron = excluded.cron AND time_zone = excluded.time_zone THEN next_at END`)
      .run(
        ...[one.action_ref, one.name, pack, one.cron, one.time_zone],
        ...[JSON.stringify(one.parameters), one.missed, now()],
      );
}
