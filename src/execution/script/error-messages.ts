/** How an interpreter or a compiler shows an error that nobody has caught. */
interface Shown {
  /** The line at which the message begins: its first group, or the line behind it where it has none. */
  readonly head: RegExp;
  /** The first line behind the message; undefined: it goes on to the end of all output. */
  readonly end?: RegExp;
  /** A line without which the head may be anything. */
  readonly only?: RegExp;
  /** Whether the last of several heads is that of the error itself. Elsewhere the first is, and the others are its causes. */
  readonly isLast?: true;
  /** Whether the interpreter shows source text behind the message. */
  readonly showsSource?: boolean;
}

const AT_ONCE = /^/;

const errors: readonly Shown[] = [
  /* Python: frames are indented, and the message is not. */
  { head: /^Traceback \(most recent call last\):$/, isLast: true },
  { head: /^ {2}\| (\w[\w.]*: .*)/, end: AT_ONCE, only: /^ {2}\+ Exception Group Traceback/ },
  { head: /^(\S+:\d+:in [`'].*)/, end: /^\s+(?:\d+: )?from /, only: /^\s+(?:\d+: )?from |\(\w[\w:]*\)$/ },
  { head: /^(\S+\.rb:\d+: syntax error.*)/, end: AT_ONCE, showsSource: true },
  { head: /^(PHP (?:Fatal|Parse) error: .*)/, end: /^(?:Stack trace:$| {2}thrown in )/ },
  { head: /^(\S*\blua[\d.]*: .*)/, end: /^stack traceback:$/, only: /^stack traceback:$/ },
  { head: /^(Error(?: in |: ).*)/, end: /^(?:Calls: |Execution halted$)/, only: /^Execution halted$/, isLast: true },
  /* Rust: old versions show the message of a panic in the same line. */
  { head: /^(thread '.*' panicked at '.*)/, end: /^(?:note: |stack backtrace:)/ },
  { head: /^thread '.*' (?:\(\d+\) )?panicked at [^'].*:$/, end: /^(?:note: |stack backtrace:)/ },
  { head: /^(error(?:\[E\d+\])?: .*)/, end: AT_ONCE, only: /^error: aborting due to /, showsSource: true },
  /* The JVM, its compiler, and .NET */
  { head: /^(Exception in thread ".*|Unhandled exception\. .*)/, end: /^\s+(?:at |---> )|^Caused by: / },
  { head: /^(\S+\.java:\d+: error: .*)/, end: AT_ONCE, only: /^\d+ errors?$/, showsSource: true },
  /* Julia, Elixir */
  { head: /^(ERROR: .*)/, end: /^Stacktrace:$/, only: /^Stacktrace:$/ },
  { head: /^(\*\* \(.*)/, end: /^ {4}/ },
];

/** More lines of a message are not told. */
const MOST_LINES = 20;
const CAUSE = /^Caused by: /;

/**
 * Finds the error that an interpreter showed as the last thing in its output, all lines of its message in one, with the cause
 * of an error of the JVM. Undefined where there is none, or where something else was said behind it.
 */
export function messageOfError(lines: readonly string[], isNoise: (line: string) => boolean): string | undefined {
  const found = errors.flatMap((shown) => messageOf(shown, lines) ?? []);
  const [message] = found.toSorted((a, b) => b.from - a.from);
  if (message === undefined) return messageOfTcl(lines);
  const behind = lines.slice(message.to);
  const next = behind.findIndex((line) => CAUSE.test(line) || errors.some(({ head }) => head.test(line)));
  const between = next < 0 ? behind : behind.slice(0, next);
  if (!message.showsSource && between.some((line) => !isNoise(line) && !SUMMARY.test(line))) return undefined;
  const cause = behind.findLast((line) => CAUSE.test(line));
  return cause === undefined ? message.text : `${message.text}; ${cause}`;
}

/** What is behind every error of that language. */
const SUMMARY = /^(?:Calls: .*|in expression starting at .*|note: .*)$/;

interface Message {
  readonly text: string;
  /** The indexes of its first line, and of the line behind its last. */
  readonly from: number;
  readonly to: number;
  readonly showsSource: boolean;
}

function messageOf(
  { head, end, only, isLast, showsSource = false }: Shown,
  lines: readonly string[],
): Message | undefined {
  if (only !== undefined && !lines.some((line) => only.test(line))) return undefined;
  const at = isLast ? lines.findLastIndex((line) => head.test(line)) : lines.findIndex((line) => head.test(line));
  if (at < 0) return undefined;
  const own = head.exec(lines[at] ?? '')?.[1];
  const first = own === undefined ? lines.findIndex((line, index) => index > at && /^\S/.test(line)) : at;
  if (first < 0) return undefined;
  const stop = end === undefined ? -1 : lines.findIndex((line, index) => index > first && end.test(line));
  const to = stop < 0 ? lines.length : stop;
  const rest = lines.slice(first + 1, Math.min(to, first + MOST_LINES)).map((line) => line.trim());
  return { text: [own ?? lines[first], ...rest].join(' '), from: at, to, showsSource };
}

/** Tcl says what it was doing behind the message. */
function messageOfTcl(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^ {4}(?:while executing|while compiling|invoked from within)$/.test(line));
  return at > 0 ? lines[at - 1] : undefined;
}
