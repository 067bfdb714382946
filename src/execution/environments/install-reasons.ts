import { cut } from '#domain/shortened.ts';
import { type Match, outputReason, type Printed } from './output-reason.ts';
import type { InstallRule } from './reasons/rule.ts';
import { rulesOf } from './reasons/table.ts';

const MOST_CHARACTERS = 500;
/** More of a line is not looked at: the time of some patterns grows with the square of it, and no reason stands so far behind. */
const LONGEST_LINE = 2000;
/** Lines that go on with a message, beyond which nothing is told. */
const MOST_LINES = 20;

/**
 * Finds the reason why an installer has failed: of all that it printed the line that a person needs, with what mends it
 * where that is known. `tool` is the name of a recipe.
 */
export function reasonOf(tool: string, output: string): string {
  const written = output.split('\n').map((line) => withoutStyle(line.slice(0, LONGEST_LINE)).trimEnd());
  const lines = written.map((line) => line.replaceAll(/\s+/g, ' ').trim());
  for (const rule of rulesOf(tool)) {
    const reason = applied(rule, { lines, written });
    if (reason !== undefined) return reason;
  }
  return cut(lastErrorOf(lines.filter((line) => line !== '')), MOST_CHARACTERS);
}

/** Takes colours out of a line, and the time that pip writes before each line of its log. */
export function withoutStyle(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return line.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/^\d{4}-\d\d-\d\dT[\d:,]+ /, '');
}

function applied(rule: InstallRule, printed: Printed): string | undefined {
  const { line, isLast, needsDetail, isDetailAlone, output, hint } = rule;
  const found = firstMatch(line, printed.lines, isLast);
  if (found === undefined) return undefined;
  const more = output ? outputReason(output, found, printed) : detailOf(rule, found, printed.lines);
  if (more === undefined && (output || needsDetail)) return undefined;
  const first = firstOf(rule, found, printed.lines);
  const both = more === undefined ? first : `${first}: ${more}`;
  const said = cut(isDetailAlone ? (more ?? first) : both, MOST_CHARACTERS);
  return hint === undefined ? said : `${said} (${hint})`;
}

/** What is told of the line itself; what ends in a colon or a full stop has a detail behind it. */
function firstOf({ detail, goesOn, output }: InstallRule, found: Match, lines: readonly string[]): string {
  if (detail) return firstMatch(detail, lines.slice(found.index + 1)) ? found.text.replace(/[:.]$/, '') : found.text;
  if (output) return found.text.replace(/:$/, '');
  return goesOn ? withFollowing(found, goesOn, lines) : found.text;
}

function detailOf({ detail, goesOn }: InstallRule, found: Match, lines: readonly string[]): string | undefined {
  const behind = lines.slice(found.index + 1);
  const more = detail && firstMatch(detail, behind);
  return more && goesOn ? withFollowing(more, goesOn, behind) : more?.text;
}

/** The first group of the pattern, else the whole line. */
function firstMatch(pattern: RegExp, lines: readonly string[], isLast = false): Match | undefined {
  const isFound = (line: string): boolean => pattern.test(line);
  const index = isLast ? lines.findLastIndex(isFound) : lines.findIndex(isFound);
  const line = lines[index];
  return line === undefined ? undefined : { text: pattern.exec(line)?.[1] ?? line, index };
}

/** A line with those that go on with it. */
function withFollowing({ text, index }: Match, goesOn: RegExp, lines: readonly string[]): string {
  const behind = lines.slice(index + 1, index + MOST_LINES);
  const end = behind.findIndex((line) => !goesOn.test(line));
  return [text, ...(end < 0 ? behind : behind.slice(0, end))].filter((line) => line !== '').join(' ');
}

/** What is known of no installer: the first line of the end that calls itself an error, else the last line. */
function lastErrorOf(lines: readonly string[]): string {
  const error = lines.find((line) => /\b(error|fatal|cannot|could not)\b/i.test(line));
  return error ?? lines.at(-1) ?? 'it said nothing';
}
