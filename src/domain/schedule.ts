/** What becomes of times at which no server could ask for an execution: one for all of them, or none. */
export const MISSED_RULES = ['once', 'skip'] as const;
export type MissedRule = (typeof MISSED_RULES)[number];

/** When an action is requested again and again, and with what. */
export interface Schedule {
  /** Tells the schedules of an action apart. */
  readonly name: string;
  /** Five fields, or a word such as `@daily`. */
  readonly cron: string;
  /** A name of the time zone database, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly missed: MissedRule;
}

export interface NewSchedule extends Schedule {
  readonly actionRef: string;
  /** True if nothing is requested until somebody resumes it. */
  readonly isPaused: boolean;
}

/** A schedule as it is stored, with what tells which of its parameters are secret. */
export interface ScheduleView extends NewSchedule {
  readonly id: string;
  /** The pack whose action has it in its file; undefined: somebody has made it. */
  readonly packRef: string | undefined;
  /** The next time, as ISO 8601; undefined: it is paused, or no server has looked at it yet. */
  readonly next: string | undefined;
  /** The time for which an execution was requested last, and that execution. */
  readonly last: string | undefined;
  readonly lastExecution: string | undefined;
  /** Why the last time came to nothing; undefined: it did not. */
  readonly problem: string | undefined;
  /** JSON Schema of the parameters of its action; undefined: none. */
  readonly parameterSchema: unknown;
  readonly isActionGone: boolean;
}

/** A schedule whose time has come, or that has no next time yet. */
export interface DueSchedule extends Schedule {
  readonly id: string;
  readonly actionRef: string;
  /** Why its secret parameters cannot be read; undefined: they can, or none is secret. */
  readonly unreadable: string | undefined;
  /** Milliseconds since 1970; undefined: nobody has said yet when it is due. */
  readonly dueAt: number | undefined;
}
