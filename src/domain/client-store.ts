import type { Action, Pack, Parameters } from './action.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { LogChunk } from './log.ts';
import type { Messages } from './messages.ts';
import type { ExecutionStatus } from './status.ts';
import type { WorkerType } from './worker.ts';

/** What the API needs. */
export interface ClientStore {
  /** Inserts or replaces a pack with its actions and the runtimes they name. */
  savePack(pack: Pack, actions: readonly Action[]): Promise<void>;
  findAction(actionRef: string): Promise<ActionView | undefined>;
  /** One id each, in order. Undefined: no such action. */
  request(
    requests: readonly ExecutionRequest[],
  ): Promise<Messages & { readonly executions: readonly (ExecutionId | undefined)[] }>;
  /** Asks for the end of an execution, wherever it is. Undefined: no such execution; else its status now. */
  cancel(execution: ExecutionId, by: string): Promise<(Messages & { readonly status: ExecutionStatus }) | undefined>;
  readExecution(execution: ExecutionId): Promise<ExecutionView | undefined>;
  /** In order of attempt and seq, behind `after`; at most `limit`. */
  readLogs(execution: ExecutionId, after: LogPosition, limit: number): Promise<readonly LogChunk[]>;
  listWorkers(leaseMs: number): Promise<readonly WorkerView[]>;
}

export interface ActionView {
  readonly actionRef: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly packRef: string;
  /** JSON Schema of the parameters. Undefined: anything goes. */
  readonly parameterSchema: Readonly<Record<string, unknown>> | undefined;
}

export interface ExecutionRequest {
  readonly actionRef: string;
  readonly parameters: Parameters;
  readonly envVars?: Readonly<Record<string, string>> | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly maxRetries?: number | undefined;
  readonly selector?: Readonly<Record<string, string>> | undefined;
}

export interface ExecutionView {
  readonly execution: ExecutionId;
  readonly actionRef: string;
  readonly status: ExecutionStatus;
  readonly result: unknown;
  readonly worker: WorkerId | undefined;
  readonly attempt: number;
  readonly retryCount: number;
  readonly retryReason: string | undefined;
  /** ISO 8601, undefined: not yet. */
  readonly startedAt: string | undefined;
  readonly created: string;
  readonly updated: string;
}

export interface LogPosition {
  readonly attempt: number;
  readonly seq: number;
}

export interface WorkerView {
  readonly worker: WorkerId;
  readonly name: string;
  readonly workerType: WorkerType;
  readonly host: string;
  readonly status: 'active' | 'inactive' | 'busy' | 'error';
  readonly isFresh: boolean;
  readonly isCordoned: boolean;
  readonly assigned: number;
  readonly slots: number;
  readonly runtimes: readonly string[];
}
