/** What the attempts of executions did, by the lines that they wrote themselves. */

export interface Line {
  readonly execution: number;
  readonly attempt: number;
  readonly what: 'start' | 'alive' | 'end';
  /** Of the wall clock, in seconds. */
  readonly at: number;
}

/** Of one execution. */
export interface Attempts {
  /** The attempts that have started, and those that have ended, in order. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly spans: readonly Span[];
}

/** From the start of an attempt to its last sign of life. */
interface Span {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

export function attemptsOf(lines: readonly Line[]): ReadonlyMap<number, Attempts> {
  const byExecution = Map.groupBy(lines, (one) => one.execution);
  return new Map([...byExecution].map(([execution, own]) => [execution, attemptsOfOne(own)]));
}

function attemptsOfOne(lines: readonly Line[]): Attempts {
  const numbers = (what: Line['what']): readonly number[] =>
    lines.filter((one) => one.what === what).map((one) => one.attempt);
  const spans = [...Map.groupBy(lines, (one) => one.attempt)].map(([attempt, own]) => {
    const times = own.map((one) => one.at);
    return { attempt, from: Math.min(...times), to: Math.max(...times) };
  });
  return { starts: numbers('start'), ends: numbers('end'), spans };
}

interface Overlap {
  readonly execution: number;
  /** The attempt of the lower number, and that of the higher. */
  readonly first: number;
  readonly second: number;
  /** Whether the lease of the first held when the second began. */
  readonly isLeaseValid: boolean;
}

/**
 * Attempts of an execution that ran at the same time. A worker that was stopped between its last look at the clock and the
 * start of the program begins its attempt late, even after the next one: what counts is the lease of the lower number.
 */
export function overlaps(
  attempts: ReadonlyMap<number, Attempts>,
  endedClaims: readonly { readonly execution: number; readonly attempt: number; readonly leaseUntil: number }[],
): readonly Overlap[] {
  const leases = new Map(endedClaims.map((one) => [`${one.execution} ${one.attempt}`, one.leaseUntil]));
  return [...attempts].flatMap(([execution, { spans }]) => {
    const inOrder = spans.toSorted((a, b) => a.attempt - b.attempt);
    return inOrder.flatMap((first, n) =>
      inOrder
        .slice(n + 1)
        .filter((second) => second.from < first.to && first.from < second.to)
        .map((second) => ({
          execution,
          first: first.attempt,
          second: second.attempt,
          isLeaseValid: (leases.get(`${execution} ${first.attempt}`) ?? 0) > second.from,
        })),
    );
  });
}
