import type { ActivityBounds, ActivitySample } from './activity.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { Requirements } from './requirements.ts';

/** The part of a store that answers who asks what happens, why something waits, and what it took. */
export interface OperatorStore {
  /** Looks at executions that were active within a window of time, at a cost that has a bound. */
  readActivity(bounds: ActivityBounds): Promise<ActivitySample>;
  /** The attempts of an execution, the first one first, and the newest where they are very many; undefined: there is none. */
  readAttempts(execution: ExecutionId): Promise<readonly AttemptView[] | undefined>;
  /** What an execution, or an action, asks of a worker; a problem instead where that is malformed; undefined: there is none. */
  readRequirements(of: Placed): Promise<Requirements | { readonly problem: string } | undefined>;
  /** Ends the pause after a failed build of an environment; false if there is none that has failed. */
  retryEnvironment(key: string): Promise<boolean>;
}

export type Placed = { readonly execution: ExecutionId } | { readonly actionRef: string };

/** An attempt of an execution. Times are ISO 8601; undefined: not yet, or nobody has noted it. */
export interface AttemptView {
  readonly attempt: number;
  readonly worker: WorkerId | undefined;
  readonly workerName: string | undefined;
  readonly scheduledAt: string | undefined;
  readonly claimedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** How long its script, runtime and environment took to be ready, and how long its process ran. */
  readonly preparedMs: number | undefined;
  readonly ranMs: number | undefined;
  /** Why another attempt followed. */
  readonly reason: string | undefined;
}
