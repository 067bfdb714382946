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
  const [rejected] = REJECTED.exec(stderr)?.[1]?.trim().split('\n') ?? [];
  if (rejected) return rejected;
  const lines = stderr.split('\n').map((line) => line.trimEnd());
  const shown = lines.filter((line) => line !== '');
  const isNoise = (line: string): boolean => noise.some((one) => one.test(line));
  const reason = behindMark(lines) ?? messageOfError(shown, isNoise) ?? shown.findLast((line) => !isNoise(line));
  return cut((reason ?? shown.at(-1) ?? '').trim(), MOST_CHARACTERS);
}

/** Node.js shows the place, a mark below it, and then the error, whose message may have several lines. */
function behindMark(lines: readonly string[]): string | undefined {
  if (!lines.some((line) => /^Node\.js v\d/.test(line))) return undefined;
  const mark = lines.findLastIndex((line) => /^\s*\^+$/.test(line));
  return mark < 0 ? undefined : lines.slice(mark + 1).find((line) => line !== '');
}
