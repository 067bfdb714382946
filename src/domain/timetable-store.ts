import type { ExecutionRequest } from './client-store.ts';
import type { ExecutionId } from './ids.ts';
import type { Messages } from './messages.ts';
import type { DueSchedule } from './schedule.ts';

/** A step of a schedule from one time to the next, which one server alone makes. */
export interface ScheduleStep {
  readonly schedule: string;
  /** The time that the server has seen: if it has changed since, another one was faster. */
  readonly from: number | undefined;
  /** The next time; undefined: there is none any more. */
  readonly to: number | undefined;
  /** What is requested at the same moment, or why nothing is; neither: only the next time is new. */
  readonly outcome: { readonly request: ExecutionRequest } | { readonly problem: string } | undefined;
}

/** The part of a store that keeps to schedules. */
export interface TimetableStore {
  /** Finds schedules that are due or have no next time yet, and the time by the clock of the store. */
  dueSchedules(limit: number): Promise<{ readonly now: number; readonly due: readonly DueSchedule[] }>;
  /** Makes a step of a schedule and requests its execution at once; undefined if another server was faster. */
  stepSchedule(step: ScheduleStep): Promise<(Messages & { readonly execution: ExecutionId | undefined }) | undefined>;
}
