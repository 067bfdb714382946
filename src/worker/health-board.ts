import type { Logger } from '#domain/logger.ts';

/** The state of a worker, which its parts write and its health probes read. */
export interface HealthBoard {
  phase: 'starting' | 'working' | 'draining' | 'stopped';
  /** Why the database does not answer; undefined if it answers. */
  databaseProblem: string | undefined;
  /** The name of the worker; undefined until it has registered. */
  worker: string | undefined;
  /** The number of executions that run now. */
  running(): number;
  isCordoned: boolean;
}

/** Makes a board that logs each loss and each return of the database once. */
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
