import { cut } from '#domain/shortened.ts';
import type { InstallRule } from './reasons/rule.ts';
import { rulesOf } from './reasons/table.ts';

const MOST_CHARACTERS = 500;
/** More of a line is not looked at: the time of some patterns grows with the square of it, and no reason stands so far behind. */
const LONGEST_LINE = 2000;

/**
 * Finds the reason why an installer has failed: of all that it printed the line that a person needs, with what mends it
 * where that is known. `tool` is the name of a recipe.
 */
export function reasonOf(tool: string, output: string): string {
  const lines = output.split('\n').flatMap((line) => {
    const text = withoutStyle(line.slice(0, LONGEST_LINE)).replaceAll(/\s+/g, ' ').trim();
    return text === '' ? [] : [text];
  });
  for (const rule of rulesOf(tool)) {
    const reason = applied(rule, lines);
    if (reason !== undefined) return reason;
  }
  return cut(lastErrorOf(lines), MOST_CHARACTERS);
}

/** Takes colours out of a line, and the time that pip writes before each line of its log. */
function withoutStyle(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return line.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/^\d{4}-\d\d-\d\dT[\d:,]+ /, '');
}

function applied({ line, detail, hint }: InstallRule, lines: readonly string[]): string | undefined {
  const found = firstMatch(line, lines);
  if (found === undefined) return undefined;
  const more = detail && firstMatch(detail, lines.slice(found.index + 1));
  const said = more === undefined ? found.text : `${found.text.replace(/[:.]$/, '')}: ${more.text}`;
  return hint === undefined ? cut(said, MOST_CHARACTERS) : `${cut(said, MOST_CHARACTERS)} (${hint})`;
}

interface Match {
  readonly text: string;
  readonly index: number;
}

/** The first group of the pattern, else the whole line. */
function firstMatch(pattern: RegExp, lines: readonly string[]): Match | undefined {
  for (const [index, line] of lines.entries()) {
    const match = pattern.exec(line);
    if (match) return { text: match[1] ?? line, index };
  }
  return undefined;
}

/** What is known of no installer: the first line of the end that calls itself an error, else the last line. */
function lastErrorOf(lines: readonly string[]): string {
  const error = lines.find((line) => /\b(error|fatal|cannot|could not)\b/i.test(line));
  return error ?? lines.at(-1) ?? 'it said nothing';
}
