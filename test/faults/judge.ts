/** What a fault did to one kind of process, by what was seen of it. Pure: see judge.test.ts. All times are milliseconds. */

/** An answer to a question for the health of a process. */
export interface Sample {
  readonly at: number;
  readonly isReady: boolean;
  /** Why it is not ready, one word each; 'no answer' if there was none. */
  readonly words: readonly string[];
}

/** A request that was made again and again, to see whether work is done. */
export interface Probe {
  readonly begun: number;
  /** Undefined: its action has not run. */
  readonly done: number | undefined;
}

export interface Seen {
  readonly faultBegun: number;
  readonly faultEnded: number;
  /** When one stopped looking. */
  readonly stopped: number;
  readonly samples: readonly Sample[];
  readonly probes: readonly Probe[];
  /** False: its health cannot know of the fault, since it is elsewhere. */
  readonly isToBlame: boolean;
  /** Requests that were confirmed and have not been worked on to a good end. */
  readonly lost: number;
}

export interface Cell {
  /** The longest time without work while the fault lasted. */
  readonly standstillS: number;
  /** From the end of the fault until a request that was made after it was done; undefined: never. */
  readonly againS: number | undefined;
  /** Each word of its health, with the seconds since the fault had begun. */
  readonly said: readonly { readonly word: string; readonly afterS: number }[];
  /** From the end of the fault until it was ready; undefined: it never was. */
  readonly readyS: number | undefined;
  /** The longest time for which it said ready while nothing was done. */
  readonly deafS: number;
  readonly lost: number;
}

/** Work that rests for no longer goes on. */
export const STANDSTILL_S = 5;
/** How long a process may say that it is ready while it is deaf. */
const MOST_DEAF_S = 5;

export function judge(seen: Seen): Cell {
  const { faultBegun, faultEnded, stopped, samples, probes, isToBlame, lost } = seen;
  const done = probes.flatMap((one) => one.done ?? []).sort((a, b) => a - b);
  const during = samples.filter((one) => one.at >= faultBegun && one.at <= stopped);
  const again = probes.filter((one) => one.begun >= faultEnded).flatMap((one) => one.done ?? []);
  const ready = during.find((one) => one.at >= faultEnded && one.isReady);
  const words = new Map<string, number>();
  for (const { at, words: said } of during)
    for (const word of said) if (!words.has(word)) words.set(word, seconds(at - faultBegun));
  return {
    standstillS: longestGap([faultBegun, ...done.filter((at) => at > faultBegun && at < faultEnded), faultEnded]),
    againS: again.length === 0 ? undefined : seconds(Math.min(...again) - faultEnded),
    said: [...words].map(([word, afterS]) => ({ word, afterS })),
    readyS: ready && seconds(ready.at - faultEnded),
    deafS: isToBlame ? longestDeafness(faultBegun, during, done) : 0,
    lost,
  };
}

/** Between two samples that say ready nothing else was said; the time counts from the last work, or the last bad word. */
function longestDeafness(faultBegun: number, samples: readonly Sample[], done: readonly number[]): number {
  let longest = 0;
  let lastBad = faultBegun;
  for (const { at, isReady } of samples) {
    if (!isReady) lastBad = at;
    const lastDone = done.findLast((one) => one <= at) ?? faultBegun;
    longest = Math.max(longest, at - Math.max(lastBad, lastDone));
  }
  return seconds(longest);
}

function longestGap(moments: readonly number[]): number {
  return seconds(Math.max(0, ...moments.slice(1).map((at, n) => at - (moments[n] ?? at))));
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

/** What is wrong with a cell, one sentence each. */
export function complaints(cell: Cell): readonly string[] {
  return [
    ...(cell.lost > 0 ? [`${cell.lost} requests lost`] : []),
    ...(cell.againS === undefined ? ['no work again'] : []),
    ...(cell.readyS === undefined ? ['not ready again'] : []),
    ...(cell.deafS > MOST_DEAF_S ? [`said ready for ${cell.deafS} s while nothing was done`] : []),
  ];
}
