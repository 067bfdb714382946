import type { ExecutionStatus } from './execution-status.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { Messages } from './messages.ts';
import type { Requirements } from './requirements.ts';
import type { RegistrationRequest } from './worker.ts';

/** The part of a store that the scheduler and its monitor need. */
export interface ScheduleStore {
  /**
   * Schedules: reads the loads and some of the requested executions, those of the highest priority first and of packs
   * and actions by turns, asks `plan` what to do with them, and does it with those that still wait. `plan` is asked once
   * for each priority. Undefined if another scheduler was faster.
   */
  schedule(bounds: ScheduleBounds, plan: Plan): Promise<Scheduled | undefined>;
  /** Ends or hands back what workers held whose lease is over; `limit` at most. */
  recoverLost(limit: number): Promise<Recovered>;
  /**
   * Takes unclaimed executions back from workers that are not heard of, that have been full for `olderThanMs`, or that
   * have not claimed them for several times as long though they had room: these are avoided for a while.
   */
  takeBack(bounds: { readonly leaseMs: number; readonly olderThanMs: number }): Promise<Recovered>;
  /** Dispatches executions again that a live worker with free slots has not claimed for `olderThanMs`. */
  dispatchAgain(olderThanMs: number): Promise<Messages>;
  /** Makes room for the logs of the next days and drops those of days before the last `days`; returns what it dropped. */
  keepLogs(days: number): Promise<readonly string[]>;
  /** Removes ephemeral workers that were last heard of longer than `olderThanMs` ago and hold nothing; returns their names. */
  forgetWorkers(olderThanMs: number): Promise<readonly string[]>;
  /**
   * Ends transactions of workers' logins that have been open for longer than `olderThanMs`, where the owner of the tables
   * may do so; returns the logins.
   */
  endStale(olderThanMs: number): Promise<readonly string[]>;
  /** Whether messages about each change of status are left in the outbox, because somebody outside listens to them. */
  publishEvents(isWanted: boolean): Promise<void>;
  saveDeadLetter(letter: DeadLetter): Promise<void>;
}

export interface ScheduleBounds {
  /** About how many executions a pass takes of one priority, given the loads: one of each action at least; 0: none. */
  limit(workers: readonly WorkerLoad[]): number;
  /** A worker that was not heard of for longer is not considered. */
  readonly leaseMs: number;
}

export type Plan = (requests: readonly RequestedExecution[], workers: readonly WorkerLoad[]) => readonly Decision[];

export interface RequestedExecution {
  readonly execution: ExecutionId;
  readonly actionRef: string;
  /** For how long it has been due; each attempt is due anew. */
  readonly ageMs: number;
  /** A problem instead of requirements: nobody can run it, ever. */
  readonly requirements: Requirements | { readonly problem: string };
}

export interface WorkerLoad {
  readonly worker: WorkerId;
  readonly name: string;
  readonly runtimes: readonly string[];
  readonly runtimeVersions: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: RegistrationRequest['capabilities']['taints'];
  readonly isCordoned: boolean;
  /** True if the worker has said that it cannot take anything for now. */
  readonly isPaused: boolean;
  readonly isFresh: boolean;
  /** True if it has lately not claimed what was scheduled for it: others are preferred. */
  readonly isAvoided: boolean;
  /** False: it runs actions of packs alone, and no code that comes with a request. */
  readonly takesInline?: boolean | undefined;
  /** True if a message to it may tell of several executions. */
  readonly takesBatches?: boolean | undefined;
  readonly slots: number;
  /** Executions scheduled for it, running or canceling. */
  readonly assigned: number;
}

export type Decision =
  | { readonly kind: 'dispatch'; readonly execution: ExecutionId; readonly worker: WorkerId }
  | { readonly kind: 'give-up'; readonly execution: ExecutionId; readonly reason: string };

export interface Scheduled extends Messages {
  readonly dispatched: number;
  readonly givenUp: number;
  /** True if there were more actions with something waiting than a pass looks at. */
  readonly hasMore: boolean;
  /** True if it has looked at all that waited and was due. Default: nobody knows. */
  readonly sawAll?: boolean;
}

export interface Recovered extends Messages {
  readonly executions: readonly {
    readonly execution: ExecutionId;
    readonly status: ExecutionStatus;
    readonly reason: string;
  }[];
}

export interface DeadLetter {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly reason: string;
  readonly body: Uint8Array;
}
