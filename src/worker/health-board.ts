import type { Logger } from '#domain/logger.ts';
import type { Trouble } from '#domain/trouble.ts';

/** The state of a worker, which its parts write and its health probes read. */
export interface HealthBoard {
  phase: 'starting' | 'working' | 'draining' | 'stopped';
  /** Why the database does not answer; undefined if it answers. */
  databaseProblem: Trouble | undefined;
  /** Says that a heartbeat has been without an answer for longer than usual; undefined: it has not. */
  silence(): Trouble | undefined;
  /** The name of the worker; undefined until it has registered. */
  worker: string | undefined;
  /** The number of executions that run now. */
  running(): number;
  isCordoned: boolean;
  /** What is wrong with the places that the worker writes to. */
  troubles(): readonly Trouble[];
}

/** Makes a board that logs each loss and each return of the database once. */
export function createHealthBoard(logger: Logger): HealthBoard {
  let problem: Trouble | undefined;
  return {
    phase: 'starting',
    silence: () => undefined,
    worker: undefined,
    running: () => 0,
    isCordoned: false,
    troubles: () => [],
    get databaseProblem() {
      return problem;
    },
    set databaseProblem(next) {
      if (next?.why !== problem?.why)
        next === undefined ? logger.info('database back', {}) : logger.warn('database unreachable', { why: next.why });
      problem = next;
    },
  };
}
