import type { StoredFile } from './artifact.ts';
import type { ClaimedExecution } from './claimed-execution.ts';
import type { BuildEnd, BuildRight, PackEnvironmentIdentity } from './environment-ledger.ts';
import type { SecretValue, StreamName } from './execution.ts';
import type { FinalStatus } from './execution-status.ts';
import type { ExecutionId, WorkerId } from './ids.ts';
import type { LogChunk } from './log.ts';
import type { Messages } from './messages.ts';
import type { RegistrationOutcome, RegistrationRequest, WorkerSession } from './worker.ts';

/** The part of a store that a worker needs. */
export interface AgentStore {
  /**
   * Takes the name for `leaseMs`, unless the lease lasts of a process that holds it, other than `gone`, an instance that
   * is known to have ended. Claims of earlier processes expire.
   */
  register(registration: RegistrationRequest, leaseMs: number, gone?: string): Promise<RegistrationOutcome>;
  /**
   * Renews all leases of the session in one statement, and tells what is scheduled for it, `mostScheduled` at most; none
   * by default.
   */
  heartbeat(session: WorkerSession, leaseMs: number, mostScheduled?: number): Promise<Heartbeat>;
  /** Starts what is still meant for this session; the others were stale. */
  claim(session: WorkerSession, offers: readonly Offer[], leaseMs: number): Promise<Claims>;
  /** Written once however often it is called with the same chunks; those of executions that it never had are left out. */
  appendLogs(chunks: readonly LogChunk[]): Promise<void>;
  /** Ends or hands back claimed executions; stale ones change nothing. */
  settle(settlements: readonly Settlement[]): Promise<Settled>;
  /** Begins the end of a worker: it gets nothing new, and what was scheduled for it and not claimed goes back. */
  beginDrain(session: WorkerSession): Promise<Messages>;
  /**
   * Keeps new executions away from a worker that cannot take any for the reason `why`, and hands back what was scheduled
   * for it and not claimed; undefined ends that.
   */
  pause(session: WorkerSession, why: string | undefined): Promise<Messages>;
  /** The name is free again. */
  deregister(session: WorkerSession): Promise<void>;
  /** The ledger of environments, by the methods of EnvironmentLedger. */
  beginEnvironment(session: WorkerSession, environment: PackEnvironmentIdentity, leaseMs: number): Promise<BuildRight>;
  renewEnvironment(session: WorkerSession, key: string, leaseMs: number): Promise<boolean>;
  endEnvironment(session: WorkerSession, key: string, end: BuildEnd): Promise<void>;
  /** Forgets environments that have been removed from their volume. */
  forgetEnvironments(keys: readonly string[]): Promise<void>;
}

/** The methods of AgentStore, for the workers of one owner: `login:NAME` of the database, `token:ID` of the API. */
export interface ScopedStore extends AgentStore {
  owns(worker: WorkerId): Promise<boolean>;
  /**
   * Tells whether the owner may upload files of an execution: one of his workers runs it now. A worker of a login of the
   * database, which has no token to say whose it is, shows by the name of its `instance`, which nobody else knows, that
   * the claim is its own.
   */
  mayUpload(upload: Upload): Promise<boolean>;
}

/** The attempt whose files are to be uploaded, and the instance of the worker that says to run it. */
export interface Upload {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly instance?: string | undefined;
}

/** The claim and the session that a worker must still hold for its writes to count. */
export interface Fence extends WorkerSession {
  readonly execution: ExecutionId;
  readonly attempt: number;
}

export type Heartbeat =
  | {
      readonly kind: 'alive';
      readonly isCordoned: boolean;
      /** All claims that the session still holds. `isCanceling` means that the end of the execution is wanted. */
      readonly claims: readonly HeldClaim[];
      /** Executions that are scheduled for the session and that nobody has claimed, oldest first. */
      readonly scheduled: readonly ScheduledAttempt[];
    }
  /** Another process has the name now: everything this one runs must end. */
  | { readonly kind: 'replaced' };

export interface HeldClaim {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly isCanceling: boolean;
}

export interface ScheduledAttempt {
  readonly execution: ExecutionId;
  readonly attempt: number;
}

export interface Offer {
  readonly execution: ExecutionId;
  /** The attempt that is offered; undefined means the current one. */
  readonly attempt: number | undefined;
  /** SHA-256, as hex digits, of a token of the API that is valid while it runs, if its action is granted any. */
  readonly tokenHash?: string | undefined;
}

export interface Claims extends Messages {
  readonly claimed: readonly ClaimedExecution[];
}

/** What became of a claimed execution: its end, or its way back to the scheduler. */
export interface Settlement extends Fence {
  /** Files that it has left, each a version of its artifact. */
  readonly artifacts?: readonly StoredFile[] | undefined;
  /** True if Attune's Rust control plane has scheduled it: secret values and files are kept as that reads them. */
  readonly isJoined?: boolean | undefined;
  /** The streams whose log is a file of the volume that Attune's Rust control plane shares. */
  readonly logs?: readonly StreamName[] | undefined;
  readonly verdict: Verdict;
}

export type Verdict =
  | {
      readonly kind: 'final';
      readonly status: FinalStatus;
      readonly result: unknown;
      /** The secret values that were taken out of the result, to be kept encrypted. */
      readonly secrets?: readonly SecretValue[] | undefined;
    }
  /** A cancel that was asked for in the meantime wins, with `result`. */
  | {
      readonly kind: 'again';
      readonly reason: string;
      readonly delayMs: number;
      readonly result: unknown;
      /** The worker is to blame and the execution never began, so that no retry is spent. */
      readonly isFree?: boolean | undefined;
    };

export interface Settled extends Messages {
  /** Executions whose settlement took effect, in any order; the settlements of the others were stale. */
  readonly accepted: readonly ExecutionId[];
}
