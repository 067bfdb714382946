import type { PackContents } from '#domain/client-store.ts';
import type { DueSchedule, MissedRule, ScheduleView } from '#domain/schedule.ts';
import { iso } from './execution-row.ts';

/** A row of `schedule`, with its JSON read. */
export interface ScheduleRow {
  readonly id: string | number;
  readonly action_ref: string;
  readonly name: string;
  readonly pack_ref: string | null;
  readonly cron: string;
  readonly time_zone: string;
  readonly parameters: unknown;
  readonly missed: MissedRule;
  readonly is_paused: boolean | number;
  readonly next_at: Date | number | null;
  readonly last_at: Date | number | null;
  readonly last_execution: string | number | null;
  readonly problem: string | null;
}

export function readSchedule(row: ScheduleRow): ScheduleView {
  const time = (at: Date | number | null): string | undefined => (at === null ? undefined : iso(at));
  return {
    ...timesOf(row),
    packRef: row.pack_ref ?? undefined,
    isPaused: Boolean(row.is_paused),
    next: row.is_paused ? undefined : time(row.next_at),
    last: time(row.last_at),
    lastExecution: row.last_execution === null ? undefined : String(row.last_execution),
    problem: row.problem ?? undefined,
  };
}

export function readDueSchedule(row: ScheduleRow): DueSchedule {
  return { ...timesOf(row), dueAt: row.next_at === null ? undefined : Number(row.next_at) };
}

function timesOf(row: ScheduleRow): Omit<DueSchedule, 'dueAt'> {
  return {
    id: String(row.id),
    actionRef: row.action_ref,
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    parameters: row.parameters as DueSchedule['parameters'],
    missed: row.missed,
  };
}

/** The columns of the schedules of a pack's actions. */
export function scheduleRows({ actions }: PackContents) {
  return actions.flatMap(({ ref, schedules }) =>
    schedules.map(({ timeZone, ...one }) => ({ ...one, action_ref: ref, time_zone: timeZone })),
  );
}
