import type { Group, LogLines } from './log-lines.ts';

export const STREAMS = ['all', 'stdout', 'stderr'] as const;
export type Shown = (typeof STREAMS)[number];

/**
 * Makes a function that tells which lines of a log are shown, by their places among all: those of a stream, and not in a
 * closed group; undefined: all. Of a log that grows it looks only at the lines that have come since it was called last.
 */
export function createShownLines(
  lines: LogLines,
  shown: Shown,
  closed: ReadonlySet<number>,
): () => readonly number[] | undefined {
  let [places, looked, dropped]: [number[], number, number] = [[], 0, lines.dropped];
  const look = (): readonly number[] => {
    if (dropped !== lines.dropped) [places, looked, dropped] = [[], 0, lines.dropped];
    const isHidden = createHidden(lines.groups.filter(({ first }) => closed.has(first)));
    for (; looked < lines.count; looked++) {
      const isOfStream = shown === 'all' || lines.at(looked)?.stream === shown;
      if (isOfStream && !isHidden(looked + 1 + dropped)) places.push(looked);
    }
    const seen = places.slice();
    /* A line that has not ended may begin a group yet. */
    looked = Math.min(looked, lines.ended);
    while ((places.at(-1) ?? -1) >= looked) places.pop();
    return seen;
  };
  return shown === 'all' && closed.size === 0 ? () => undefined : look;
}

/** Tells of ever larger numbers of lines whether they are in one of the groups, whose first lines are shown. */
function createHidden(groups: readonly Group[]): (number: number) => boolean {
  let next = 0;
  return (number) => {
    for (let last = groups[next]?.last; last !== undefined && last < number; last = groups[next]?.last) next++;
    const group = groups[next];
    return group !== undefined && number > group.first && number <= (group.last ?? number);
  };
}
