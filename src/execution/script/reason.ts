/** Lines of a trace, and those by which interpreters say good-bye: none of them is the reason of a failure. */
const noise: readonly RegExp[] = [
  /^\s/,
  /^at /,
  /^Node\.js v\d/,
  /^Bun v\d/,
  /^\(Use `node /,
  /^[})\]]+$/,
  /^#\d+ /,
  /^Stack trace:$/,
  /^goroutine \d/,
  /^[\w./*()]+\(.*\)$/,
  /^exit status \d+$/,
  /^\^+$/,
];

/** What Node.js says around the reason of a promise that was rejected with no error: the reason itself is the error. */
const REJECTED = /^\[?UnhandledPromiseRejection: This error originated .*? with the reason "(.+?)"\.\]?(?: \{)?$/ms;

/** The line of an error stream that says why a script has failed; empty if there is none. */
export function reasonIn(stderr: string): string {
  const [rejected] = REJECTED.exec(stderr)?.[1]?.trim().split('\n') ?? [];
  if (rejected) return rejected;
  const lines = stderr.split('\n').map((line) => line.trimEnd());
  const shown = lines.filter((line) => line !== '');
  const reason = behindMark(lines) ?? shown.findLast((line) => !noise.some((one) => one.test(line)));
  return (reason ?? shown.at(-1) ?? '').trim();
}

/** Node.js shows the place, a mark below it, and then the error, whose message may have several lines. */
function behindMark(lines: readonly string[]): string | undefined {
  if (!lines.some((line) => /^Node\.js v\d/.test(line))) return undefined;
  const mark = lines.findLastIndex((line) => /^\s*\^+$/.test(line));
  return mark < 0 ? undefined : lines.slice(mark + 1).find((line) => line !== '');
}
