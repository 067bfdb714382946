import { plainOf } from './ansi.ts';
import type { LogLines } from './log-lines.ts';

export const STREAMS = ['all', 'stdout', 'stderr'] as const;
export type Shown = (typeof STREAMS)[number];

/** The lines that are shown, by their places among all: those of a stream, and not in a closed group; undefined: all. */
export function shownPlaces(lines: LogLines, shown: Shown, closed: ReadonlySet<number>): readonly number[] | undefined {
  if (shown === 'all' && closed.size === 0) return undefined;
  const hidden = lines.groups.filter(({ first }) => closed.has(first));
  let next = 0;
  return matching(lines, (place) => {
    const number = place + 1 + lines.dropped;
    for (let last = hidden[next]?.last; last !== undefined && last < number; last = hidden[next]?.last) next++;
    const group = hidden[next];
    if (group && number > group.first && number <= (group.last ?? number)) return false;
    return shown === 'all' || lines.at(place)?.stream === shown;
  });
}

/** The group in which a line is, by the number of its first line. */
export function groupAt(lines: LogLines, place: number): number | undefined {
  const number = place + 1 + lines.dropped;
  return lines.groups.find(({ first, last }) => number > first && number <= (last ?? number))?.first;
}

/** The places of the lines that have a text in them, in any case. */
export function placesWith(lines: LogLines, text: string): readonly number[] {
  const wanted = text.toLowerCase();
  return wanted === ''
    ? []
    : matching(lines, (index) =>
        plainOf(lines.at(index)?.text ?? '')
          .toLowerCase()
          .includes(wanted),
      );
}

const ERROR = /\b(error|fatal|exception|traceback|panic|failed)\b/i;

/** The place of the first line that looks like an error; where none does, that of the first of stderr. */
export function placeOfError(lines: LogLines): number | undefined {
  let first: number | undefined;
  for (let index = 0; index < lines.count; index++) {
    const line = lines.at(index);
    if (line && ERROR.test(plainOf(line.text))) return index;
    if (line?.stream === 'stderr') first ??= index;
  }
  return first;
}

/** All lines as text, without colours. Where the oldest are not kept, the first line says so. */
export function textOf(lines: LogLines): string {
  const lack = lines.dropped === 0 ? '' : `… ${lines.dropped} lines before these are not kept here\n`;
  const kept = Array.from({ length: lines.count }, (_, index) => `${plainOf(lines.at(index)?.text ?? '')}\n`);
  return lack + kept.join('');
}

function matching(lines: LogLines, isWanted: (index: number) => boolean): readonly number[] {
  const places: number[] = [];
  for (let index = 0; index < lines.count; index++) if (isWanted(index)) places.push(index);
  return places;
}
