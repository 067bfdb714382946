import { cut } from '#domain/shortened.ts';
import { messageOfError } from './error-messages.ts';

const MOST_CHARACTERS = 300;

/** Lines of a trace, and those by which interpreters say good-bye: none of them is the reason of a failure. */
const noise: readonly RegExp[] = [
  /^\s/,
  /^at /,
  /^Node\.js v\d/,
  /^Bun v\d/,
  /^\(Use `node /,
  /^[})\]]+$/,
  /^#\d+ /,
  /^stack ?trace(?:back)?:$/i,
  /^goroutine \d/,
  /^[\w./*()]+\(.*\)$/,
  /^exit status \d+$/,
  /^\^+$/,
  /^Execution halted$/,
  /^note: run with `RUST_BACKTRACE/,
  /^(?:BEGIN failed--compilation aborted|Compilation failed in require|Execution of .* aborted due to compilation errors)/,
];

/** What Node.js says around the reason of a promise that was rejected with no error: the reason itself is the error. */
const REJECTED = /^\[?UnhandledPromiseRejection: This error originated .*? with the reason "(.+?)"\.\]?(?: \{)?$/ms;

/** What an error stream says of why a script has failed, in one line; empty if there is nothing. */
export function reasonIn(stderr: string): string {
  const shown = linesOf(stderr).filter((line) => line !== '');
  const reason = errorIn(stderr) ?? shown.findLast((line) => !isNoise(line)) ?? shown.at(-1) ?? '';
  return cut(reason.trim(), MOST_CHARACTERS);
}

/** The error that an interpreter or a compiler showed as the last thing in such a stream; undefined where none did. */
export function errorIn(stderr: string): string | undefined {
  const [rejected] = REJECTED.exec(stderr)?.[1]?.trim().split('\n') ?? [];
  if (rejected) return rejected;
  const lines = linesOf(stderr);
  const shown = lines.filter((line) => line !== '');
  return behindMark(lines) ?? messageOfError(shown, isNoise);
}

const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trimEnd());
const isNoise = (line: string): boolean => noise.some((one) => one.test(line));

/** Lines of an error of Node.js that are told. */
const MOST_LINES = 20;

/**
 * Node.js shows the place, a mark below it, and then the error, whose message may have several lines: it goes on to the
 * trace, or to what Node.js says of itself.
 */
function behindMark(lines: readonly string[]): string | undefined {
  if (!lines.some((line) => /^Node\.js v\d/.test(line))) return undefined;
  const mark = lines.findLastIndex((line) => /^\s*\^+$/.test(line));
  if (mark < 0) return undefined;
  const behind = lines.slice(mark + 1).filter((line) => line !== '');
  const end = behind.findIndex((line) => /^\s+at |^Node\.js v\d|^\(Use `node /.test(line));
  const [first, ...rest] = behind.slice(0, end < 0 ? 1 : Math.min(end, MOST_LINES));
  return first === undefined ? undefined : [first, ...rest.map((line) => line.trim())].join(' ');
}
