import type { Requirements } from './requirements.ts';
import { type Candidate, filters } from './worker-filters.ts';

/** What of a worker decides whether it takes something now. */
export interface Considered extends Candidate {
  readonly name: string;
  readonly pausedFor: string | undefined;
  readonly slots: number;
  readonly assigned: number;
}

/** What a worker lacks that it could run something; nothing where it can, though it may have no room now. */
export interface Fit<W extends Considered> {
  readonly worker: W;
  readonly misses: readonly string[];
  /** Why it takes nothing now, though it could run it; undefined: it has room. */
  readonly busy: string | undefined;
}

/** Says of a worker all that the scheduler misses in it, and not the first alone. */
export function fitOf<W extends Considered>(worker: W, needs: Requirements): Fit<W> {
  const failed = filters.filter((one) => !one.passes(worker, needs));
  /* What has no runtime has no version of it: that need not be told twice. */
  const hasRuntime = !failed.some(({ name }) => name === 'runtime');
  const told = failed.filter(({ name }) => hasRuntime || name !== 'version');
  const misses = told.map((one) => one.missing(worker, needs));
  return { worker, misses, busy: busyness(worker) };
}

function busyness({ pausedFor, assigned, slots }: Considered): string | undefined {
  if (pausedFor !== undefined) return `takes nothing for now: ${pausedFor}`;
  return assigned >= slots ? `all of its ${slots} slots are in use` : undefined;
}

/** The nearest first: those that miss the least, then those that have room. */
export function byNearness<W extends Considered>(a: Fit<W>, b: Fit<W>): number {
  return (
    a.misses.length - b.misses.length ||
    Number(a.busy !== undefined) - Number(b.busy !== undefined) ||
    a.worker.name.localeCompare(b.worker.name)
  );
}
