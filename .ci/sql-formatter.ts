/**
 * Prettier formats SQL, but not PL/pgSQL. So each SQL statement in the body of a PL/pgSQL function is formatted alone, and
 * the lines around it (DECLARE, IF, LOOP, RETURN, EXECUTE) stay as their author wrote them.
 */
import { format } from 'prettier';
import * as sql from 'prettier-plugin-sql-cst';

/** The most characters that a line may have. */
export const WIDTH = 120;

/** The text of a whole file as it should be. Rejects with the parser's error, which shows the place. */
export async function formatSql(text: string): Promise<string> {
  const pretty = `${await formatStatement(text, 0)}\n`;
  const [, head, body] = /^([\s\S]*?LANGUAGE plpgsql[\s\S]*?AS \$\$\n)([\s\S]*?)\s*\$\$;\n$/.exec(pretty) ?? [];
  return head === undefined || body === undefined ? pretty : `${head}${await formatBody(body)}\n$$;\n`;
}

async function formatBody(body: string): Promise<string> {
  const done: string[] = [];
  const lines = body.split('\n').values();
  let depth = 0;
  for (const line of lines) {
    const start = depth === 0 ? startOfStatement(line) : undefined;
    if (start) {
      done.push(...start.before, ...(await formatFrom(start, lines)));
    } else {
      depth += depthOf(line);
      done.push(line.trimEnd());
    }
  }
  return done.join('\n');
}

interface Start {
  /** What introduces the statement has a line of its own. */
  readonly before: readonly string[];
  readonly indent: number;
  /** The rest of the line: the statement may go on in the next ones. */
  readonly first: string;
}

function startOfStatement(line: string): Start | undefined {
  const pattern = /^(\s*)(RETURN QUERY\b|FOR [\w, ]+ IN\b)?\s*((?:WITH|SELECT|INSERT|UPDATE|DELETE)\b.*)/i;
  const [, indent = '', lead, first] = pattern.exec(line) ?? [];
  if (first === undefined) return undefined;
  if (lead === undefined) return { before: [], indent: indent.length, first };
  return { before: [indent + lead], indent: indent.length + (/^FOR/i.test(lead) ? 2 : 0), first };
}

/** Takes the statement's further lines: up to its semicolon, or to the LOOP over its rows, which has no semicolon. */
async function formatFrom({ first, indent }: Start, lines: Iterator<string, undefined>): Promise<readonly string[]> {
  const statement = [first];
  let depth = depthOf(first);
  for (let line = first; depth !== 0 || !/;\s*$/.test(bare(line)); depth += depthOf(line)) {
    const next = lines.next().value;
    if (next === undefined) throw new Error(`a statement does not end: ${first}`);
    if (/^\s*LOOP$/.test(next)) {
      const query = await formatStatement(`${statement.join('\n')};`, indent);
      return [query.slice(0, -1), next];
    }
    line = next;
    statement.push(line);
  }
  return [await formatStatement(statement.join('\n'), indent)];
}

/** Prettier does not know the INTO of PL/pgSQL behind a RETURNING: it is put aside. */
async function formatStatement(text: string, indent: number): Promise<string> {
  const [into, variable] = /\s+INTO (\w+);\s*$/.exec(text) ?? [];
  const query = into === undefined ? text : `${text.slice(0, -into.length)};`;
  const options = { parser: 'postgresql', plugins: [sql], sqlKeywordCase: 'upper', printWidth: WIDTH - indent };
  const pretty = (await format(query, options)).trimEnd();
  const whole = into === undefined ? pretty : `${pretty.slice(0, -1)}\nINTO ${variable};`;
  return withPairs(whole)
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
    .join('\n');
}

/** The arguments of jsonb_build_object are names and values: each name stands before its value. */
function withPairs(text: string): string {
  const call = /^( *)(.*\bjsonb_build_object\(\n)([\s\S]*?)(?=^\1\))/gm;
  return text.replace(call, (...[, indent = '', line = '', args = '']: string[]) => {
    const pairs = args.replace(new RegExp(`^(${indent}  '\\w+',)\\n *`, 'gm'), '$1 ');
    return indent + line + withPairs(pairs);
  });
}

function depthOf(line: string): number {
  return bare(line).split('(').length - bare(line).split(')').length;
}

/** Without its strings and comments. */
function bare(line: string): string {
  return line.replace(/'(?:[^']|'')*'|--.*|\/\*.*?\*\//g, '');
}
