import type { Confinement } from './confinement.ts';

/** A part of a list that has an order. */
export interface Page {
  /** What is behind this: the ref, or the id, by which the list is ordered. Undefined: the list from its beginning. */
  readonly after?: string | undefined;
  /** At most so many. Undefined: all. */
  readonly limit?: number | undefined;
  /** Only what this lets through. Undefined: all. */
  readonly confinedTo?: Confinement | undefined;
}
