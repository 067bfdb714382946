import type { Confinement } from './confinement.ts';
import type { ExecutionStatus } from './execution-status.ts';
import type { ExecutionId, WorkerId } from './ids.ts';

export interface ExecutionFilter {
  readonly statuses: readonly ExecutionStatus[] | undefined;
  readonly actionRef: string | undefined;
  readonly worker: WorkerId | undefined;
  readonly packRef?: string | undefined;
  /** The name or the id of a token, or `execution N`. */
  readonly requestedBy?: string | undefined;
  /** The execution that requested them. */
  readonly parent?: ExecutionId | undefined;
  /** Only executions that were requested from this time on, and before that one, in milliseconds since 1970. */
  readonly createdAfter?: number | undefined;
  readonly createdBefore?: number | undefined;
  /** A part of the ref of the action, in any case, or the id. */
  readonly text?: string | undefined;
  /** Only executions of actions that this lets through. */
  readonly confinedTo?: Confinement | undefined;
  /** Only executions that are older than this one. */
  readonly before: ExecutionId | undefined;
  readonly limit: number;
  /** True: parameters and results are not read, and the views have none. */
  readonly isLean?: boolean | undefined;
}

export interface ExecutionList {
  readonly executions: readonly ExecutionView[];
  readonly hasMore: boolean;
  /** Where the list goes on: before this one. Undefined: behind the last of the list. */
  readonly next?: ExecutionId | undefined;
}

export interface ExecutionView {
  readonly execution: ExecutionId;
  readonly actionRef: string;
  readonly status: ExecutionStatus;
  /** True if the execution brought its own code. */
  readonly isAdhoc: boolean;
  readonly parameters: unknown;
  readonly result: unknown;
  readonly worker: WorkerId | undefined;
  readonly workerName: string | undefined;
  readonly attempt: number;
  readonly priority: number;
  readonly retryCount: number;
  readonly retryReason: string | undefined;
  readonly original: ExecutionId | undefined;
  /** ISO 8601, undefined: not yet. */
  readonly startedAt: string | undefined;
  /** How long its process ran; undefined if it has not ended, or none ran. */
  readonly durationMs: number | undefined;
  readonly created: string;
  readonly updated: string;
  /** As in ExecutionRequest. */
  readonly requestedBy: string | undefined;
  /** The name of the token that requested it. */
  readonly requesterName: string | undefined;
  /** JSON Schema of the parameters; undefined: anything goes. */
  readonly parameterSchema: unknown;
  /** True if nobody can tell any more which parameters are secret. */
  readonly isActionGone: boolean;
}
