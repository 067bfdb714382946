import { plainOf } from './ansi.ts';
import type { LogLines } from './log-lines.ts';

export const STREAMS = ['all', 'stdout', 'stderr'] as const;
export type Shown = (typeof STREAMS)[number];

/** The lines of one stream, by their places among all; undefined: all of them. */
export function placesOf(lines: LogLines, shown: Shown): readonly number[] | undefined {
  if (shown === 'all') return undefined;
  return matching(lines, (index) => lines.at(index)?.stream === shown);
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

/** All lines as text, without colours. */
export function textOf(lines: LogLines): string {
  return Array.from({ length: lines.count }, (_, index) => `${plainOf(lines.at(index)?.text ?? '')}\n`).join('');
}

function matching(lines: LogLines, isWanted: (index: number) => boolean): readonly number[] {
  const places: number[] = [];
  for (let index = 0; index < lines.count; index++) if (isWanted(index)) places.push(index);
  return places;
}
