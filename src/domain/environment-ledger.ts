import { MINUTE_MS } from './durations.ts';
/** The values that the column `status` of `pack_environment` may hold. */
export const PACK_ENVIRONMENT_STATUSES = ['pending', 'installing', 'ready', 'failed', 'outdated'] as const;

/** The identity of an environment, which is what is installed or compiled for a pack. */
export interface PackEnvironmentIdentity {
  /** The key of the environment on its volume: workers that share the volume have the same one. */
  readonly key: string;
  readonly packRef: string;
  /** Name of the family. */
  readonly runtime: string;
  /** The checksum of the files that the environment is made from. */
  readonly checksum: string;
}

export type BuildRight =
  | { readonly kind: 'mine' }
  /** Another process builds the environment now. */
  | { readonly kind: 'taken' }
  /** The build has failed not long ago. */
  | { readonly kind: 'failed'; readonly error: string; readonly retryInMs: number };

export type BuildEnd =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: string }
  /** The build was given up for a reason of its own: another process may try at once. */
  | { readonly kind: 'released' };

/**
 * The ledger of who builds which environment, and how that ended. It keeps two processes from building the same at
 * once; that an unfinished environment is never used does not depend on it.
 */
export interface PackEnvironmentLedger {
  /** Asks for the right to build an environment that is not there, for `leaseMs` at a time; `renew` renews it. */
  begin(environment: PackEnvironmentIdentity, leaseMs: number): Promise<BuildRight>;
  /** Renews the right to build; false if the right has been lost. */
  renew(key: string, leaseMs: number): Promise<boolean>;
  end(key: string, end: BuildEnd): Promise<void>;
  /** Forgets environments that have been removed. */
  forget(keys: readonly string[]): Promise<void>;
}

const FIRST_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 10 * MINUTE_MS;

/** The milliseconds to wait after a build has failed `failures` times in a row: 5, 10, 20 … 600 seconds. */
export function retryBuildMs(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}
