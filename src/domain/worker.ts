import type { DatabaseKind } from './database-kind.ts';
import type { WorkerId } from './ids.ts';
import type { RuntimeTemplate } from './runtime.ts';

export const TAINT_EFFECTS = ['no_schedule', 'prefer_no_schedule'] as const;
export type TaintEffect = (typeof TAINT_EFFECTS)[number];

/**
 * A taint of a worker, which keeps executions away that do not tolerate it; with an effect `prefer_…` only while there
 * is another worker.
 */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: TaintEffect;
}

/**
 * The capabilities of a worker as `worker.capabilities` holds them, by the names of protocol.md. A type and no
 * interface, because it is sent with fields of any kind.
 */
export type Capabilities = {
  readonly runtimes: readonly string[];
  readonly max_concurrent_executions: number;
  readonly worker_version: string;
  readonly agent_mode: true;
  readonly agent_binary_name: string;
  readonly agent_binary_version: string;
  readonly detected_interpreters: readonly {
    readonly name: string;
    readonly path: string;
    readonly version: string | null;
  }[];
  /** All versions of each runtime that say what they are; the default first. */
  readonly runtime_versions: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** True if the row and the queues of the worker are to be forgotten soon after its end; absent means no. */
  readonly ephemeral?: boolean | undefined;
  /** False if the worker runs actions of packs alone, and no code that comes with a request; absent means true. */
  readonly inline?: boolean | undefined;
  /** True if the worker understands messages that tell of several executions; absent means no. */
  readonly batched_dispatch?: boolean | undefined;
};

export const WORKER_TYPES = ['local', 'remote', 'container'] as const;
export type WorkerType = (typeof WORKER_TYPES)[number];

/**
 * The request with which a worker registers itself. `instance` is a new UUID for each process: one name may outlive
 * many processes.
 */
export interface RegistrationRequest {
  readonly name: string;
  readonly instance: string;
  readonly workerType: WorkerType;
  readonly host: string;
  readonly pid: number;
  /** The identity of the process on its machine, so that other processes there can see that it has ended. */
  readonly process: string;
  readonly capabilities: Capabilities;
  /** The templates of the worker's runtimes, for those that the registry lacks. */
  readonly templates: readonly RuntimeTemplate[];
}

/** Says what of a registration is too large; undefined if nothing is. */
export function flawOfRegistration({
  name,
  host,
  capabilities,
}: Pick<RegistrationRequest, 'name' | 'host' | 'capabilities'>): string | undefined {
  if (bytesOf(name) > 255 || bytesOf(host) > 255) return 'the names of a worker and of its host have 255 bytes at most';
  const { labels, taints } = capabilities;
  if (bytesOf(JSON.stringify([labels, taints])) > 8192) return 'the labels and taints of a worker have 8 KiB at most';
  return bytesOf(JSON.stringify(capabilities)) > 65_536
    ? 'what a worker says about its runtimes has 64 KiB at most'
    : undefined;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The session of a process that holds a worker's name. All that the process writes is fenced by both. */
export interface WorkerSession {
  readonly worker: WorkerId;
  readonly instance: string;
}

export interface NameTaken {
  readonly kind: 'name-taken';
  readonly host: string;
  readonly pid: number;
  readonly instance: string;
  readonly process: string;
  /** Changes while the holder lives. */
  readonly heartbeat: string;
}

/** The refusal of a name that belongs to another owner, whether its worker lives or not. */
export interface NotYours {
  readonly kind: 'not-yours';
  /** `login:NAME` of the database, `token:ID` of the API. */
  readonly owner: string;
}

export type RegistrationOutcome =
  | {
      readonly kind: 'registered';
      readonly worker: WorkerId;
      readonly isCordoned: boolean;
      readonly database: DatabaseKind;
    }
  | NameTaken
  | NotYours;

/** What the API tells of a worker that its state follows from. */
interface WorkerState {
  readonly alive: boolean;
  readonly status: string;
  readonly cordoned: boolean;
  readonly paused?: string | null | undefined;
}

/** The state of a worker in one word. One that lives and is inactive drains. */
export function stateOfWorker({
  alive,
  status,
  cordoned,
  paused,
}: WorkerState): 'gone' | 'draining' | 'cordoned' | 'paused' | 'alive' {
  if (!alive) return 'gone';
  if (status === 'inactive') return 'draining';
  if (cordoned) return 'cordoned';
  return typeof paused === 'string' ? 'paused' : 'alive';
}

/** Says what is left on a worker that lives and is to get nothing new; undefined: new executions come. */
export function leftOnWorker(worker: WorkerState & { readonly assigned: number }): string | undefined {
  if (!['draining', 'cordoned'].includes(stateOfWorker(worker))) return undefined;
  if (worker.assigned === 0) return 'nothing is left on it';
  return worker.assigned === 1 ? '1 execution is left on it' : `${worker.assigned} executions are left on it`;
}

/**
 * What came of removing a worker: `busy` holds executions, `alive` was heard of, `own` is the living one of the only process
 * of this store, `unknown` is not there.
 */
export type WorkerRemoval = 'removed' | 'busy' | 'alive' | 'own' | 'unknown';
