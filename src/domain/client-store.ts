import type {
  Action,
  OutputFormat,
  Pack,
  PackRuntime,
  ParameterDelivery,
  ParameterFormat,
  Parameters,
} from './action.ts';
import type { ArtifactFilter, ArtifactView } from './artifact.ts';
import type { Confinement } from './confinement.ts';
import type { PACK_ENVIRONMENT_STATUSES } from './environment-ledger.ts';
import type { SecretValue, StreamName } from './execution.ts';
import type { ExecutionOrigin } from './execution-origin.ts';
import type { ExecutionStatus } from './execution-status.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from './execution-view.ts';
import type { IdempotencyKey, RequestedOnce } from './idempotency.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { LogChunk } from './log.ts';
import type { Messages } from './messages.ts';
import type { Page } from './page.ts';
import type { Result } from './result.ts';
import type { NewSchedule, ScheduleView } from './schedule.ts';
import type { Taint, WorkerType } from './worker.ts';

/** The part of a store that the API needs for packs, executions, logs and workers. */
export interface ClientStore {
  /** Inserts or replaces a pack with its runtimes and actions; those that it has no more go. Tells when `checksum` is another. */
  savePack(pack: PackContents): Promise<Messages>;
  /** Forgets a pack with its actions, its runtimes and the keys of both; executions stay. False if there is none. */
  deletePack(packRef: string): Promise<boolean>;
  /** Saves those of many packs that have changed since they were saved; of two with one ref the last counts. */
  savePacks(packs: readonly PackContents[]): Promise<Messages>;
  findPack(packRef: string): Promise<PackLocation | undefined>;
  listPacks(page?: Page): Promise<readonly PackView[]>;
  findAction(actionRef: string): Promise<ActionView | undefined>;
  /** Lists all actions, or those of one pack, by their refs. */
  listActions(packRef?: string, page?: Page): Promise<readonly ActionView[]>;
  /** Requests executions and returns one id for each, in their order; undefined if there is no such action. */
  request(
    requests: readonly ExecutionRequest[],
  ): Promise<Messages & { readonly executions: readonly (ExecutionId | undefined)[] }>;
  /** Requests one execution at most once: within a day, the same key means the execution of the first request. */
  requestOnce(request: ExecutionRequest, once: IdempotencyKey): Promise<RequestedOnce>;
  /** Counts what a requester has requested that has not ended, up to `most`: of `execution N` what its action's executions have. */
  countUnfinished(requester: string, most: number): Promise<number>;
  /** Reads the request of an execution, in order to repeat it. */
  readRequest(execution: ExecutionId): Promise<ExecutionRequest | undefined>;
  /**
   * Asks for the end of an execution, in whatever state it is, and returns its status; undefined if there is no such
   * execution.
   */
  cancel(execution: ExecutionId, by: string): Promise<(Messages & { readonly status: ExecutionStatus }) | undefined>;
  readExecution(execution: ExecutionId): Promise<ExecutionView | undefined>;
  /** Finds those that have ended or do not exist, by one statement. */
  findEnded(executions: readonly ExecutionId[]): Promise<readonly ExecutionId[]>;
  /** Lists schedules by their ids. */
  listSchedules(page?: Page): Promise<readonly ScheduleView[]>;
  findSchedule(id: string): Promise<ScheduleView | undefined>;
  /**
   * Stores a schedule that no pack has, and returns its id; fails if the action has one of this name, or if there are `most`
   * that no pack has already.
   */
  addSchedule(schedule: NewSchedule, most: number): Promise<Result<string, 'exists' | 'full'>>;
  /** Pauses or resumes a schedule; false if there is none. */
  pauseSchedule(id: string, isPaused: boolean): Promise<boolean>;
  /** Deletes a schedule that no pack has; false if there is none. */
  deleteSchedule(id: string): Promise<boolean>;
  /** Newest first; fewer than `limit` where they would be large together. */
  listExecutions(filter: ExecutionFilter): Promise<ExecutionList>;
  /** Reads at most `limit` log chunks behind `after`, in the order of attempt and seq. */
  readLogs(execution: ExecutionId, after: LogPosition, limit: number): Promise<readonly LogChunk[]>;
  /** Reads pages of many logs at once, each with the status that the execution had before its log was read. */
  pollLogs(cursors: readonly LogCursor[], limit: number): Promise<readonly LogPage[]>;
  /** Measures the bytes of each stream of each attempt that has any. */
  measureLogs(execution: ExecutionId): Promise<readonly LogSize[]>;
  /** Reads at most `limit` whole chunks that touch the range, in order. */
  readLogRange(execution: ExecutionId, range: LogRange, limit: number): Promise<readonly LogChunk[]>;
  /** Lists the environments of packs, or of those that a confinement lets through as a whole. */
  listEnvironments(confinedTo?: Confinement): Promise<readonly PackEnvironmentView[]>;
  listRuntimes(page?: Page): Promise<readonly RuntimeView[]>;
  /** Newest first. */
  listArtifacts(filter: ArtifactFilter): Promise<readonly ArtifactView[]>;
  readArtifact(id: string): Promise<ArtifactView | undefined>;
  /** Reads and decrypts the secret parts of a result; those that cannot be decrypted are left out. */
  readSecrets(execution: ExecutionId): Promise<readonly SecretValue[]>;
  listWorkers(leaseMs: number, page?: WorkerPage): Promise<readonly WorkerView[]>;
  /** Cordons a worker, or lifts its cordon if `cordon` is undefined. False if there is no such worker. */
  cordon(worker: WorkerId, cordon: { readonly by: string; readonly reason: string } | undefined): Promise<boolean>;
}

export interface PackContents {
  readonly pack: Pack;
  readonly runtimes: readonly PackRuntime[];
  readonly actions: readonly Action[];
  /** The checksum of the pack's archive; undefined: unknown. */
  readonly checksum?: string | undefined;
}

export interface PackLocation {
  readonly label: string;
  readonly version: string;
  readonly directory: string;
  readonly checksum: string | undefined;
}

/** What the API tells of an environment of a pack: a row of `pack_environment`. */
export interface PackEnvironmentView {
  readonly key: string;
  readonly packRef: string;
  readonly runtimeRef: string;
  readonly status: (typeof PACK_ENVIRONMENT_STATUSES)[number];
  readonly installError: string | undefined;
  /** Name of the worker that builds it. */
  readonly worker: string | undefined;
  /** ISO 8601. */
  readonly updated: string;
}

/** What the API tells of a runtime: a row of `runtime`. */
export interface RuntimeView {
  readonly ref: string;
  readonly name: string;
  readonly isAutoDetected: boolean;
  readonly executionConfig: unknown;
}

export interface PackView {
  readonly packRef: string;
  readonly label: string;
  readonly version: string;
  readonly actions: number;
  /** Where a server of this database has its files; null: nobody said. */
  readonly directory: string | null;
}

export interface ActionView {
  readonly actionRef: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly packRef: string;
  readonly runtime: string | undefined;
  readonly runtimeVersion: string | undefined;
  /** JSON Schema of the parameters. Undefined: anything goes. */
  readonly parameterSchema: Readonly<Record<string, unknown>> | undefined;
  /** The names of the environment variables that a request may set. */
  readonly requestVariables: readonly string[];
}

export interface ExecutionRequest {
  /** The ref of the action; with `inline` it is just a name. */
  readonly actionRef: string;
  /** Code instead of an action, and the runtime that runs it. */
  readonly inline?: InlineCode | undefined;
  readonly parameters: Parameters;
  /** The parameters as they were given, where `parameters` has masks for secrets: stored encrypted. */
  readonly unmasked?: Parameters | undefined;
  /** The refs of the keys whose values secret parameters get when it is claimed, by the names of these parameters. */
  readonly parameterKeys?: Readonly<Record<string, string>> | undefined;
  readonly envVars?: Readonly<Record<string, string>> | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly maxRetries?: number | undefined;
  /** Undefined: that of the action. */
  readonly priority?: number | undefined;
  readonly selector?: Readonly<Record<string, string>> | undefined;
  /** The execution that this one repeats. */
  readonly original?: ExecutionId | undefined;
  /** The id of the token that requests it, `execution N` or `schedule N`; undefined: not by the API. */
  readonly requestedBy?: string | undefined;
  readonly origin?: ExecutionOrigin | undefined;
  /** The address that is told of the end. */
  readonly callbackUrl?: string | undefined;
}

interface InlineCode {
  readonly runtime: string;
  readonly code: string;
  readonly options: InlineOptions;
}

/**
 * The options of an execution that brings its own code, as the YAML of an action would set them; an absent one has the
 * same default as there.
 */
export interface InlineOptions {
  readonly runtime_version?: string | undefined;
  readonly parameter_delivery?: ParameterDelivery | undefined;
  readonly parameter_format?: ParameterFormat | undefined;
  readonly output_format?: OutputFormat | undefined;
}

export interface LogPosition {
  readonly attempt: number;
  readonly seq: number;
}

export interface LogCursor extends LogPosition {
  readonly execution: ExecutionId;
}

export interface LogPage {
  /** The status of the execution; undefined if the execution is gone. */
  readonly status: ExecutionStatus | undefined;
  readonly chunks: readonly LogChunk[];
}

export interface LogSize {
  readonly attempt: number;
  readonly stream: StreamName;
  readonly bytes: number;
}

export interface LogRange {
  readonly attempt: number;
  readonly stream: StreamName;
  /** First byte, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

/** A page of workers: of all, or of those alone that are alive. */
export type WorkerPage = Page & { readonly isAlive?: boolean };

export interface WorkerView {
  readonly worker: WorkerId;
  readonly name: string;
  readonly workerType: WorkerType;
  readonly host: string;
  readonly status: 'active' | 'inactive' | 'busy' | 'error';
  readonly isFresh: boolean;
  readonly isCordoned: boolean;
  readonly cordonReason: string | undefined;
  /** Why the worker takes nothing for now, in its own words; undefined: it takes work. */
  readonly pausedFor: string | undefined;
  readonly assigned: number;
  readonly slots: number;
  readonly runtimes: readonly string[];
  readonly runtimeVersions: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** False: it runs no code that comes with a request. */
  readonly takesInline?: boolean | undefined;
  /** The version of the agent; undefined: it is none, or does not say. */
  readonly agentVersion: string | undefined;
  /** How long ago it was heard of last, in milliseconds; undefined: it never was. */
  readonly silentMs: number | undefined;
}
