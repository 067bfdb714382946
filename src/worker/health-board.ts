import type { Logger } from '#domain/logger.ts';

/** Where the worker writes how it fares, for whoever asks about its health. */
export interface HealthBoard {
  phase: 'starting' | 'working' | 'draining' | 'stopped';
  /** Undefined: the database answers. */
  databaseProblem: string | undefined;
  /** Undefined: it has not registered yet. */
  worker: string | undefined;
  /** How many executions run now. */
  running(): number;
  isCordoned: boolean;
}

/** A board that logs each loss and each return of the database once. */
export function createHealthBoard(logger: Logger): HealthBoard {
  let problem: string | undefined;
  return {
    phase: 'starting',
    worker: undefined,
    running: () => 0,
    isCordoned: false,
    get databaseProblem() {
      return problem;
    },
    set databaseProblem(next) {
      if (next !== problem)
        logger.info(
          next === undefined ? 'database back' : 'database unreachable',
          next === undefined ? {} : { why: next },
        );
      problem = next;
    },
  };
}
