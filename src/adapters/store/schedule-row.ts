import type { Cipher } from '#domain/cipher.ts';
import type { PackContents } from '#domain/client-store.ts';
import type { DueSchedule, MissedRule, ScheduleView } from '#domain/schedule.ts';
import { iso } from './execution-row.ts';
import { readScheduleParameters } from './hidden-schedules.ts';
import type { EncryptedParameters } from './secret-parameters.ts';

/** What is read of schedules to be shown. */
export const SCHEDULE_VIEW = `
  SELECT s.*, p.ref AS pack_ref, a.param_schema, a.id IS NULL AS is_action_gone
  FROM schedule s LEFT JOIN pack p ON p.id = s.pack LEFT JOIN action a ON a.ref = s.action_ref`;

/** A row of `schedule`, with its JSON read. */
export interface ScheduleRow {
  readonly id: string | number;
  readonly action_ref: string;
  readonly name: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly parameters: unknown;
  readonly encrypted_parameters: EncryptedParameters | null;
  readonly missed: MissedRule;
  readonly is_paused: boolean | number;
  readonly next_at: Date | number | null;
  readonly last_at: Date | number | null;
  readonly last_execution: string | number | null;
  readonly problem: string | null;
}

/** A row of `SCHEDULE_VIEW`, with its JSON read. */
export interface ScheduleViewRow extends ScheduleRow {
  readonly pack_ref: string | null;
  readonly param_schema: unknown;
  readonly is_action_gone: boolean | number;
}

export function readSchedule(row: ScheduleViewRow): ScheduleView {
  const time = (at: Date | number | null): string | undefined => (at === null ? undefined : iso(at));
  return {
    ...timesOf(row),
    packRef: row.pack_ref ?? undefined,
    isPaused: Boolean(row.is_paused),
    next: row.is_paused ? undefined : time(row.next_at),
    last: time(row.last_at),
    lastExecution: row.last_execution === null ? undefined : String(row.last_execution),
    problem: row.problem ?? undefined,
    parameterSchema: row.param_schema ?? undefined,
    isActionGone: Boolean(row.is_action_gone),
  };
}

export function readDueSchedule(row: ScheduleRow, cipher: Cipher | undefined): DueSchedule {
  const parameters = readScheduleParameters(row, row.encrypted_parameters, cipher);
  return { ...timesOf(row), ...parameters, dueAt: row.next_at === null ? undefined : Number(row.next_at) };
}

function timesOf(row: ScheduleRow): Omit<DueSchedule, 'dueAt' | 'unreadable'> {
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
