import type { Confinement } from './confinement.ts';
import { MINUTE_MS } from './durations.ts';

/** A look at the executions of the last hour: some of them, evenly chosen where there are many. */
export interface ActivitySample {
  /** The time by the clock of the database, in milliseconds since 1970, as all times here. */
  readonly now: number;
  /** Each execution that was looked at stands for so many. */
  readonly step: number;
  readonly executions: readonly SampledExecution[];
  /** The slots of the workers that are alive. */
  readonly slots: number;
}

export interface SampledExecution {
  readonly created: number;
  readonly started: number | undefined;
  /** Undefined: it has not ended. */
  readonly ended: number | undefined;
  readonly hasFailed: boolean;
}

/** What a sample is taken of: the time from which on, how many executions at most, and which workers count as alive. */
export interface ActivityBounds {
  readonly windowMs: number;
  readonly most: number;
  readonly leaseMs: number;
  /** Only executions of actions that this lets through. */
  readonly confinedTo?: Confinement | undefined;
}

/** A minute: counts, and the middle states at its end. */
export interface ActivityMinute {
  readonly at: number;
  readonly requested: number;
  readonly ended: number;
  readonly failed: number;
  /** The executions that waited, and those that ran, at its end. */
  readonly waiting: number;
  readonly running: number;
  /** The wait that 95 of 100 of those that began in it did not exceed, in milliseconds; undefined: none began. */
  readonly waitP95: number | undefined;
}

/** The minutes of a window of time, the oldest first; the last one is the present one, which goes on. */
export function minutesOf({ now, step, executions }: ActivitySample, windowMs: number): readonly ActivityMinute[] {
  const length = Math.round(windowMs / MINUTE_MS);
  const first = Math.floor(now / MINUTE_MS) - length + 1;
  const placeOf = (at: number): number => Math.floor(at / MINUTE_MS) - first;
  const series = {
    requested: createSeries(length, step),
    ended: createSeries(length, step),
    failed: createSeries(length, step),
    waiting: createSeries(length, step),
    running: createSeries(length, step),
  };
  const waits = Array.from({ length }, (): number[] => []);
  for (const { created, started, ended, hasFailed } of executions) {
    const end = ended === undefined ? length : placeOf(ended);
    const begin = started === undefined ? end : placeOf(started);
    series.requested.count(placeOf(created));
    series.ended.count(end);
    if (hasFailed) series.failed.count(end);
    series.waiting.last(placeOf(created), begin);
    series.running.last(begin, end);
    if (started !== undefined) waits[begin]?.push(Math.max(0, started - created));
  }
  const valuesAt = (place: number) => mapped(series, (one) => one.at(place));
  return waits.map((all, place) => ({
    at: (first + place) * MINUTE_MS,
    ...valuesAt(place),
    waitP95: percentile(all),
  }));
}

function mapped<Name extends string, From, To>(all: Readonly<Record<Name, From>>, map: (one: From) => To) {
  return Object.fromEntries(Object.entries<From>(all).map(([name, one]) => [name, map(one)])) as Record<Name, To>;
}

interface Series {
  at(place: number): number;
  count(place: number): void;
  /** Counts something at the ends of all minutes from one on and before another. */
  last(from: number, to: number): void;
}

function createSeries(length: number, step: number): Series {
  const values = new Array<number>(length).fill(0);
  const count = (place: number): void => {
    const value = values[place];
    if (value !== undefined) values[place] = value + step;
  };
  return {
    at: (place) => values[place] ?? 0,
    count,
    last: (from, to) => {
      for (let place = Math.max(0, from); place < Math.min(length, to); place++) count(place);
    },
  };
}

function percentile(all: readonly number[]): number | undefined {
  return all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1];
}
