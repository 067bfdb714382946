import type { OutputFormat, ParameterDelivery, ParameterFormat, Parameters } from './action.ts';
import type { AdminStore } from './admin-store.ts';
import type { StoredFile } from './artifact.ts';
import type { ClientStore } from './client-store.ts';
import type { BuildEnd, BuildRight, PackEnvironmentIdentity } from './environment-ledger.ts';
import type { SecretValue } from './execution.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { LogChunk } from './log.ts';
import type { Messages, OutboxMessage } from './messages.ts';
import type { Requirements } from './requirements.ts';
import type { ExecutionStatus, FinalStatus } from './status.ts';
import type { RegistrationOutcome, RegistrationRequest, WorkerSession } from './worker.ts';

/**
 * Every method rejects with Unavailable when the database cannot be reached, and can then be called again: what had
 * taken effect does not take effect twice. Any other rejection is a defect or a row that the database refuses.
 * Messages that a method returns stand in the outbox; who has published them says so with `forget`.
 */
export interface Store extends WorkerStore, ControlStore, AsyncDisposable {
  /** What somebody who has workers may do with them; any other is to him as one whose name another process has taken. */
  scopedTo(owner: string): ScopedStore;
}

/** The methods of AgentStore, for the workers of one owner: `login:NAME` of the database, `token:NAME` of the API. */
export interface ScopedStore extends AgentStore {
  owns(worker: WorkerId): Promise<boolean>;
  /** Whether he may bring files of it: one of his workers runs it now, or one of a login, which has no token to say whose it is. */
  mayUpload(execution: ExecutionId, attempt: number): Promise<boolean>;
}

/** What workers and the scheduler need. */
export interface WorkerStore extends AgentStore, OutboxStore, ScheduleStore {}

/** What the API needs. */
export interface ControlStore extends ClientStore, AdminStore {}

/** What a worker needs. */
export interface AgentStore {
  /**
   * Takes the name, unless a process that was heard of within `leaseMs` holds it, other than `gone`, an instance that is
   * known to have ended. Claims of earlier processes expire.
   */
  register(registration: RegistrationRequest, leaseMs: number, gone?: string): Promise<RegistrationOutcome>;
  /** Renews all leases of the session in one statement. */
  heartbeat(session: WorkerSession, leaseMs: number): Promise<Heartbeat>;
  /** Starts what is still meant for this session; the others were stale. */
  claim(session: WorkerSession, offers: readonly Offer[], leaseMs: number): Promise<Claims>;
  /** Written once however often it is called with the same chunks; those of executions that it never had are left out. */
  appendLogs(chunks: readonly LogChunk[]): Promise<void>;
  /** Ends or hands back claimed executions; stale ones change nothing. */
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  /** Nothing new comes; what was scheduled and not claimed goes back. */
  beginDrain(session: WorkerSession): Promise<Messages>;
  /** The name is free again. */
  deregister(session: WorkerSession): Promise<void>;
  /** The ledger of environments, by the methods of EnvironmentLedger. */
  beginEnvironment(session: WorkerSession, environment: PackEnvironmentIdentity, leaseMs: number): Promise<BuildRight>;
  renewEnvironment(session: WorkerSession, key: string, leaseMs: number): Promise<boolean>;
  endEnvironment(session: WorkerSession, key: string, end: BuildEnd): Promise<void>;
  /** They have been removed from their volume. */
  forgetEnvironments(keys: readonly string[]): Promise<void>;
}

/** What a worker must still hold for its word to count. */
export interface Fence extends WorkerSession {
  readonly execution: ExecutionId;
  readonly attempt: number;
}

export type Heartbeat =
  | {
      readonly kind: 'alive';
      readonly isCordoned: boolean;
      /** All claims that the session still holds; `isCanceling`: its end is wanted. */
      readonly claims: readonly HeldClaim[];
    }
  /** Another process has the name now: everything this one runs must end. */
  | { readonly kind: 'replaced' };

export interface HeldClaim {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly isCanceling: boolean;
}

export interface Offer {
  readonly execution: ExecutionId;
  /** undefined: whichever is current. */
  readonly attempt: number | undefined;
  /** SHA-256, as hex digits, of a token of the API that is valid while it runs, if its action is granted any. */
  readonly tokenHash?: string | undefined;
}

export interface Claims extends Messages {
  readonly claimed: readonly ClaimedExecution[];
}

/** All that running it takes. */
export interface ClaimedExecution {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly actionRef: string;
  readonly parameters: Parameters;
  /** Values of keys of the system, its pack and its action, decrypted; the narrower owner wins. */
  readonly keys: Parameters;
  /** Why they cannot be had: it must not run without them. */
  readonly keysProblem: string | undefined;
  readonly envVars: Readonly<Record<string, string>>;
  /** Of the execution. */
  readonly timeoutSeconds: number | undefined;
  readonly retryCount: number;
  /** undefined: nobody said. */
  readonly maxRetries: number | undefined;
  /** Its token of the API; undefined: it may ask for nothing. Set by who made the offer. */
  readonly apiToken?: string | undefined;
  /** undefined: its action does not exist any more. */
  readonly action: ClaimedAction | undefined;
}

export interface ClaimedAction {
  /** A path below the actions of a pack, or the code itself. */
  readonly script: PackScript | { readonly code: string };
  /** Name or alias. */
  readonly runtime: string | undefined;
  /** What the rows of its runtime say, unless they are the agent's own; of any origin, so unchecked. */
  readonly runtimeConfig: unknown;
  /** As they were written; unchecked. */
  readonly outputSchema: unknown;
  readonly parameterSchema: unknown;
  /** Whether the token whose hash came with the offer is valid now. */
  readonly hasApiToken: boolean;
  readonly versionConstraint: string | undefined;
  readonly parameterDelivery: ParameterDelivery;
  readonly parameterFormat: ParameterFormat;
  readonly outputFormat: OutputFormat;
  readonly timeoutSeconds: number | undefined;
}

export interface PackScript {
  readonly packRef: string;
  readonly entryPoint: string;
  readonly packVersion: string;
  /** Of its archive; undefined: it was never registered as one. */
  readonly packChecksum: string | undefined;
}

/** An end, or a way back to the scheduler, of one claimed execution. */
export interface Settlement extends Fence {
  /** Files that it has left, each a version of its artifact. */
  readonly artifacts?: readonly StoredFile[] | undefined;
  readonly verdict: Verdict;
}

export type Verdict =
  | {
      readonly kind: 'final';
      readonly status: FinalStatus;
      readonly result: unknown;
      /** What was taken out of the result, to be kept encrypted. */
      readonly secrets?: readonly SecretValue[] | undefined;
    }
  /** A cancel that was asked for in the meantime wins, with `result`. */
  | { readonly kind: 'again'; readonly reason: string; readonly delayMs: number; readonly result: unknown };

export interface Settled extends Messages {
  /** In any order; what is missing was stale. */
  readonly accepted: readonly ExecutionId[];
}

export interface OutboxStore {
  /** Oldest first: what has waited longer than `olderThanMs`, its publisher being gone. */
  unpublished(limit: number, olderThanMs: number): Promise<readonly OutboxMessage[]>;
  forget(outboxIds: readonly string[]): Promise<void>;
}

/** What the scheduler and its monitor need. */
export interface ScheduleStore {
  /**
   * In one transaction: reads the loads, takes requested executions, at most `limit` of each action, asks `plan` what to
   * do with them, does it. Undefined: another scheduler is at it.
   */
  schedule(bounds: ScheduleBounds, plan: Plan): Promise<Scheduled | undefined>;
  /** Ends or hands back what workers held whose lease is over; `limit` at most. */
  recoverLost(limit: number): Promise<Recovered>;
  /** Takes unclaimed executions back from workers that are not heard of, or that have been full for `olderThanMs`. */
  takeBack(bounds: { readonly leaseMs: number; readonly olderThanMs: number }): Promise<Recovered>;
  /** Rings again for executions that a live worker with free slots has not claimed for `olderThanMs`. */
  dispatchAgain(olderThanMs: number): Promise<Messages>;
  /** Makes room for the logs of the next days and drops those of days before the last `days`; returns what it dropped. */
  keepLogs(days: number): Promise<readonly string[]>;
  /** Removes ephemeral workers that were last heard of longer than `olderThanMs` ago and hold nothing; returns their names. */
  forgetWorkers(olderThanMs: number): Promise<readonly string[]>;
  saveDeadLetter(letter: DeadLetter): Promise<void>;
}

export interface ScheduleBounds {
  /** Of one action in one pass, given the loads; 0: nothing is taken at all. */
  limit(workers: readonly WorkerLoad[]): number;
  /** A worker that was not heard of for longer is not considered. */
  readonly leaseMs: number;
}

export type Plan = (requests: readonly RequestedExecution[], workers: readonly WorkerLoad[]) => readonly Decision[];

export interface RequestedExecution {
  readonly execution: ExecutionId;
  readonly actionRef: string;
  readonly ageMs: number;
  /** A problem instead of requirements: nobody can run it, ever. */
  readonly requirements: Requirements | { readonly problem: string };
  /** Of the execution itself, so that others of its action may fare better. */
  readonly hasOwnRequirements: boolean;
}

export interface WorkerLoad {
  readonly worker: WorkerId;
  readonly name: string;
  readonly runtimes: readonly string[];
  readonly runtimeVersions: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: RegistrationRequest['capabilities']['taints'];
  readonly isCordoned: boolean;
  readonly isFresh: boolean;
  readonly slots: number;
  /** Executions scheduled for it, running or canceling. */
  readonly assigned: number;
}

export type Decision =
  | { readonly kind: 'dispatch'; readonly execution: ExecutionId; readonly worker: WorkerId }
  | { readonly kind: 'postpone'; readonly execution: ExecutionId; readonly delayMs: number }
  | { readonly kind: 'give-up'; readonly execution: ExecutionId; readonly reason: string };

export interface Scheduled extends Messages {
  readonly dispatched: number;
  readonly givenUp: number;
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
