import type { FinalStatus } from './execution-status.ts';

/** Hears of the attempts that a worker runs. */
export interface AttemptObserver {
  /** An execution was claimed, and its attempt begins. */
  claimed(): void;
  ended(attempt: EndedAttempt): void;
}

export interface EndedAttempt {
  /** undefined: the execution is not over, and will be tried again. */
  readonly status: FinalStatus | undefined;
  /** The name of the runtime that the action asks for. */
  readonly runtime: string;
  /** For how long the environment of its pack was made or found; undefined: it has not come to that. */
  readonly preparedMs: number | undefined;
  /** For how long its program ran; undefined: it never began. */
  readonly ranMs: number | undefined;
}

/** Hears of what a scheduler does. */
export interface SchedulingObserver {
  /** An execution was given to a worker after it had waited so long. */
  scheduled(waitedMs: number): void;
  /** The database answers again. */
  databaseBack(): void;
}
