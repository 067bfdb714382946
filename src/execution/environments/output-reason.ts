import { errorIn } from '#execution/script/reason.ts';
import type { ProgramOutput } from './reasons/rule.ts';

/** Lines that are told of what no interpreter has shown as an error. */
const MOST_LINES = 4;

/** Lines that installers draw around the output of a program, and those in which build tools say what they do. */
const noise: readonly RegExp[] = [
  /^\s*[│╰├×]/,
  /^\s*\[(?:end of output|stderr|stdout)\]$/,
  /^\s*(?:running|creating|writing|copying|adding|reading manifest) /,
  /^\s*(?:cargo:|\w+ = |\S+ unset$|note: |stack backtrace)/,
  /^(?:> |\s*ELIFECYCLE )/,
  /^\s*(?:at |BEGIN failed--compilation aborted)/,
  /^\s*$/,
];

/** What a rule tells of a line, and where the line is. */
export interface Match {
  readonly text: string;
  readonly index: number;
}

/** What an installer has printed. */
export interface Printed {
  /** The lines without indentation, and with single spaces. */
  readonly lines: readonly string[];
  /** The same lines of the installer with their indentation. */
  readonly written: readonly string[];
}

/** The reason of a failure in what a program of a package has written, in one line; undefined if there is nothing. */
export function outputReason({ from, until, mark }: ProgramOutput, found: Match, printed: Printed): string | undefined {
  const { lines } = printed;
  const start =
    from === undefined ? found.index : lines.findLastIndex((line, at) => at >= found.index && from.test(line));
  const end = until === undefined ? lines.length : lines.findIndex((line, at) => at > start && until.test(line));
  if (start < 0 || end < 0) return undefined;
  const isAnywhere = mark !== undefined && from === undefined && until === undefined;
  const part = isAnywhere ? printed.written : printed.written.slice(start + 1, end);
  const own = (mark === undefined ? part : unmarked(mark(found.text), part)).filter(
    (line) => line === '' || !noise.slice(0, 2).some((one) => one.test(line)),
  );
  const text = withoutIndentation(own).join('\n');
  return (errorIn(text) ?? spoken(text)) || undefined;
}

function unmarked(mark: RegExp, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => (mark.test(line) ? [line.replace(mark, '')] : []));
}

/** Interpreters are known by what they indent. */
function withoutIndentation(lines: readonly string[]): readonly string[] {
  const indented = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const least = Math.min(...indented);
  return lines.map((line) => line.slice(least));
}

/** Plain words: from the first line that speaks of a failure, else all of them where they are few, else the last. */
function spoken(text: string): string {
  const lines = text.split('\n').filter((line) => !noise.some((one) => one.test(line)));
  const start = lines.findIndex((line) =>
    /\b(?:error|fatal|failed|cannot|can't|could not|not found|missing)\b/i.test(line),
  );
  const few = lines.length <= MOST_LINES ? lines : lines.slice(-1);
  const told = start < 0 ? few : lines.slice(start, start + MOST_LINES);
  return told.map((line) => line.replaceAll(/\s+/g, ' ').trim()).join(' ');
}
