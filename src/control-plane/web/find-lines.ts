import type { Turn } from '#domain/turns.ts';
import { plainOf } from './ansi.ts';
import type { LogLine, LogLines } from './log-lines.ts';
import { takeTurns } from './turns.ts';

/** The group in which a line is, by the number of its first line. */
export function groupAt(lines: LogLines, place: number): number | undefined {
  const number = place + 1 + lines.dropped;
  return lines.groups.find(({ first, last }) => number > first && number <= (last ?? number))?.first;
}

/** The places of the lines that have a text in them, in any case. */
export async function placesWith(lines: LogLines, text: string, turn: Turn = takeTurns()): Promise<readonly number[]> {
  const wanted = text.toLowerCase();
  const numbers: number[] = [];
  if (wanted !== '')
    await lookAt(lines, turn, (line, number) => {
      if (plainOf(line.text).toLowerCase().includes(wanted)) numbers.push(number);
      return true;
    });
  return numbers.map((number) => number - 1 - lines.dropped).filter((place) => place >= 0);
}

const ERROR = /\b(error|fatal|exception|traceback|panic|failed)\b/i;

/** The place of the first line that looks like an error; where none does, that of the first of stderr. */
export async function placeOfError(lines: LogLines, turn: Turn = takeTurns()): Promise<number | undefined> {
  let first: number | undefined;
  let found: number | undefined;
  await lookAt(lines, turn, (line, number) => {
    if (line.stream === 'stderr') first ??= number;
    if (ERROR.test(plainOf(line.text))) found = number;
    return found === undefined;
  });
  const number = found ?? first;
  return number === undefined || number <= lines.dropped ? undefined : number - 1 - lines.dropped;
}

/** All lines as a text, without colours. Where the oldest are not kept, the first line says so. */
export async function textOf(lines: LogLines, turn: Turn = takeTurns()): Promise<Blob> {
  /* As bytes, since a browser would encode all of the text in one task at the end. */
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const encoder = new TextEncoder();
  let part = lines.dropped === 0 ? '' : `… ${lines.dropped} lines before these are not kept here\n`;
  await lookAt(lines, turn, (line, number) => {
    part += `${plainOf(line.text)}\n`;
    if (number % STEP > 0) return true;
    parts.push(encoder.encode(part));
    part = '';
    return true;
  });
  return new Blob([...parts, part], { type: 'text/plain' });
}

/** So many lines are looked at before others may have their turn. */
const STEP = 1000;

/**
 * Looks at all lines in order, as long as `look` wants more, and lets others have their turn meanwhile. Lines are known by
 * their numbers, which stay the same when more come and the oldest go.
 */
async function lookAt(lines: LogLines, turn: Turn, look: (line: LogLine, number: number) => boolean): Promise<void> {
  for (let number = lines.dropped + 1; number <= lines.dropped + lines.count; number++) {
    if (number % STEP === 0) await turn();
    const line = lines.at(number - 1 - lines.dropped);
    if (line && !look(line, number)) return;
  }
}
