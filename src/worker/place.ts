/** A directory of this machine that a worker writes to. */
export interface Place {
  readonly name: 'work directory' | 'environments' | 'spool' | 'artifacts';
  readonly path: string;
  /** True if the agent made the directory, and makes it again when it is gone. */
  readonly isOwn: boolean;
  /** False if the place may be read-only by design, and is looked at only after a failure. */
  readonly isWatched: boolean;
  /** The bytes that must fit for the place to be good. */
  readonly bytes: number;
}

/** The failure to write to a place. */
export interface PlaceFailure {
  readonly place: Place['name'];
  readonly error: unknown;
  /** The bytes that were to be written. */
  readonly bytes: number;
}
