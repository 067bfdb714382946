import type { Confinement } from './confinement.ts';
import type { ExecutionStatus } from './execution-status.ts';
import type { WorkerId } from './ids.ts';
import type { Page } from './page.ts';
import type { RuntimeTemplate } from './runtime.ts';
import type { WorkerRemoval } from './worker.ts';

/** The part of a store that running a control plane needs: tokens, keys, the audit log, figures. */
export interface AdminStore {
  /** Stores a token; undefined if another one that is not revoked has its name. */
  saveToken(token: NewToken): Promise<TokenView | undefined>;
  /** Stores a token only while there is no token at all; undefined if there is one. Safe when several try at once. */
  saveFirstToken(token: NewToken): Promise<TokenView | undefined>;
  listTokens(): Promise<readonly TokenView[]>;
  /** A token that is neither revoked nor expired, or that of an execution that runs. */
  findToken(hash: string): Promise<TokenHolder | undefined>;
  /** The hashes, among those given, of tokens that `findToken` would find. */
  validTokens(hashes: readonly string[]): Promise<readonly string[]>;
  /** Notes that tokens have been used now. */
  noteTokens(ids: readonly string[]): Promise<void>;
  /** Revokes a token; false if there is none that could be revoked. */
  revokeToken(id: string): Promise<boolean>;
  /** The worker of that name, which need not have been there yet, is theirs from now on: `login:NAME` or `token:ID`. */
  assignWorkerName(name: string, owner: string): Promise<WorkerId>;
  /**
   * Removes a worker and frees its name; its executions stay. One that holds any is not removed, nor is one that was heard
   * of within `leaseMs`; undefined: whenever that was.
   */
  removeWorker(worker: WorkerId, leaseMs: number | undefined): Promise<WorkerRemoval>;
  /** Stores the templates of the agent's own runtimes, for readers of the registry; rows of others stay. */
  saveRuntimes(templates: readonly RuntimeTemplate[]): Promise<void>;
  /** Stores a key, encrypted, in place of an older one. Rejects without a cipher. */
  saveKey(key: NewKey): Promise<void>;
  listKeys(page?: Page): Promise<readonly KeyView[]>;
  /** Finds the names, among those given, for which the action, its pack or the system has a key. */
  findKeyNames(owners: KeyOwners, names: readonly string[]): Promise<readonly string[]>;
  findKey(ref: string): Promise<KeyView | undefined>;
  /** Deletes a key; false if there is no such key. */
  deleteKey(ref: string): Promise<boolean>;
  /**
   * Encrypts again what an earlier version has stored without binding it to its place; what another key has encrypted
   * is left. Rejects without a cipher.
   */
  encryptAgain(): Promise<EncryptedAgain>;
  /** The names of workers that live, read keys themselves, and are of a version that reads none that is bound to its place. */
  readersOfBefore(): Promise<readonly string[]>;
  /**
   * Hides what is secret of the parameters of executions and schedules that were stored before it was known to be secret: a step of bounded
   * size, which goes on where the last one has ended, of whichever process. With a cipher they are kept encrypted, also for
   * executions that wait; without one those of what has ended are gone for good.
   */
  hideParameters(hide: HideParameters): Promise<HiddenParameters>;
  /** Rejects when the store cannot be written to; nothing of the attempt stays. */
  checkWritable(): Promise<void>;
  measure(): Promise<Figures>;
  /** Stores entries of the audit log in one statement, in their order. */
  saveAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Lists the entries of the audit log that the filter lets through, the newest first. */
  listAudit(filter: AuditFilter, limit: number): Promise<readonly AuditView[]>;
}

/** The action and the pack whose keys an execution gets, beside the keys of the system. */
export interface KeyOwners {
  readonly actionRef: string;
  readonly packRef: string;
}

/** How many values were encrypted again, and how many were left as they were. */
export interface EncryptedAgain {
  readonly encrypted: number;
  readonly left: number;
}

/** The parameters of an execution, and what its action says of them. */
export interface StoredParameters {
  readonly parameters: unknown;
  /** JSON Schema; undefined: none. */
  readonly parameterSchema: unknown;
  readonly isActionGone: boolean;
}

/** Answers what may be shown of the parameters. */
export type HideParameters = (stored: StoredParameters) => unknown;

/** How many executions and schedules a step has changed, and whether there is nothing more to look at for now. */
export interface HiddenParameters {
  readonly hidden: number;
  readonly schedules: number;
  readonly isDone: boolean;
}

/** A filter of the audit log: an entry must meet each of its conditions that is given. */
export interface AuditFilter {
  /** Only entries that are older than this one. */
  readonly before?: string | undefined;
  /** Only entries of tokens of this name. */
  readonly actor?: string | undefined;
}

/** An entry of the audit log: a request that may have changed something, with its outcome. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Name of the token, or `local`. */
  readonly actor: string;
  /** The id of the token of the request; undefined if none was needed. */
  readonly token: string | undefined;
  readonly address: string | undefined;
  /** `POST /executions`, `token create`. */
  readonly action: string;
  /** The subject that the request made or changed, as far as it is known. */
  readonly subject: string;
  /** The HTTP status of the answer. */
  readonly status: number;
}

export interface AuditView extends Omit<AuditEntry, 'at'> {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
}

export const SCOPES = ['submit', 'inline', 'read', 'admin', 'worker', 'agent-download', 'metrics'] as const;
/** A right that a token can have; `admin` allows everything. */
export type Scope = (typeof SCOPES)[number];

/** The scopes that a token which is confined to packs and actions may have: any other one reaches beyond them. */
export const CONFINED_SCOPES = ['submit', 'read'] as const satisfies readonly Scope[];

/** The scopes that an action may be granted for as long as it runs. */
export const ACTION_SCOPES = ['submit', 'read'] as const satisfies readonly Scope[];

export interface NewToken {
  readonly name: string;
  /** SHA-256, as hex digits. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
  /** Undefined: it is not confined. */
  readonly confinedTo?: Confinement | undefined;
}

/** The holder of a token that makes a request. */
export interface TokenHolder {
  /** undefined: an execution. */
  readonly id: string | undefined;
  /** `execution 42` of an execution. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Undefined: it is not confined. */
  readonly confinedTo?: Confinement | undefined;
}

export interface TokenView extends TokenHolder {
  readonly id: string;
  /** ISO 8601. */
  readonly expiresAt: string | undefined;
  readonly revokedAt: string | undefined;
  /** To the minute. */
  readonly lastUsedAt: string | undefined;
  readonly created: string;
}

export const KEY_OWNERS = ['system', 'pack', 'action'] as const;

export interface NewKey {
  readonly ref: string;
  readonly ownerType: (typeof KEY_OWNERS)[number];
  /** Ref of the pack or action. */
  readonly owner: string | undefined;
  readonly name: string;
  readonly value: unknown;
}

export interface KeyView extends Pick<NewKey, 'ref' | 'ownerType' | 'owner' | 'name'> {
  readonly updated: string;
}

/**
 * The figures of the whole system for metrics. A figure whose name says so counts the newest executions only, whose
 * number is bounded.
 */
export interface Figures {
  readonly executions: readonly { readonly status: ExecutionStatus; readonly count: number }[];
  /** For how long the oldest of those that wait has been due; 0: none is. */
  readonly oldestWaitingSeconds: number;
  /** Seconds from the dispatch to the start, and from the start to the end. */
  readonly newestClaimSeconds: readonly number[];
  readonly newestRunSeconds: readonly number[];
  readonly unpublishedMessages: number;
  readonly deadLetters: number;
  /** The number of all workers that are stored, living or gone. */
  readonly workers: number;
  /** Stored, as the database counts. */
  readonly logBytes: number;
}
