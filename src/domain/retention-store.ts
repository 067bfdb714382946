/** What is removed when it is old, or when there is too much of it. */
export const RETAINED = ['executions', 'results', 'audit', 'dead-letters', 'tokens'] as const;
export type Retained = (typeof RETAINED)[number];

/** How long something is kept, and how much of it; undefined: without this limit. */
export interface RetentionLimit {
  readonly days: number | undefined;
  /** The newest so many are kept. */
  readonly count: number | undefined;
}

/** A version of an artifact that is to be removed. */
export interface OldArtifact {
  readonly id: string;
  /** The place of its file in the storage. */
  readonly path: string;
}

/** The part of a store that removes what is no longer kept. */
export interface RetentionStore {
  /**
   * Removes the oldest that are beyond the limit, `most` at most, and returns their number; undefined if another server is
   * at it. Executions go when they have ended, with all that belongs to them but logs and artifacts; results leave the
   * execution. Tokens go when they have expired or were revoked, with what signs their callbacks. The first token stays,
   * by which it is known that there was one, and the last one, after which SQLite numbers the next.
   */
  prune(what: Retained, limit: RetentionLimit, most: number): Promise<number | undefined>;
  /** Finds the oldest versions of artifacts that are beyond the limit, `most` at most. */
  findOldArtifacts(limit: RetentionLimit, most: number): Promise<readonly OldArtifact[]>;
  /** Forgets versions of artifacts whose files are gone. */
  forgetArtifacts(ids: readonly string[]): Promise<void>;
}
