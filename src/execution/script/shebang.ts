import type { VariableChange, VariableChanges } from '#domain/runtime.ts';

/** The first line of a script, `#!…`: the interpreter that its author meant. */
export interface Shebang {
  /** The program as it is written: a path, or the name that `env` searches. */
  readonly program: string;
  /** The last part of the path. */
  readonly name: string;
  /** The arguments that the interpreter is given before the file. */
  readonly args: readonly string[];
  /** The variables that `env` sets for it, or takes away. */
  readonly variables: VariableChanges;
}

/** Longer first lines are cut by the kernel too. */
const MOST_BYTES = 255;

/**
 * Reads the first line of a script, as the kernel and `env` do: all that follows a path is one argument; behind `env`,
 * words are divided also without `-S`. Undefined if the script names no interpreter.
 */
export function parseShebang(script: string): Shebang | undefined {
  const text = script.startsWith('\ufeff') ? script.slice(1) : script;
  if (!text.startsWith('#!')) return undefined;
  const line = (text.slice(2, MOST_BYTES).split('\n', 1)[0] ?? '').trim();
  const [program = '', rest = ''] = split(line);
  if (program === '') return undefined;
  if (nameOf(program) !== 'env')
    return { program, name: nameOf(program), args: rest === '' ? [] : [rest], variables: {} };
  return behindEnv(wordsOf(rest));
}

/** What `env` makes of its words: options, variables, and the program with its arguments. */
function behindEnv(given: readonly string[]): Shebang | undefined {
  const words = given.flatMap((word, index) =>
    index === 0 ? word.replace(/^(-S|--split-string=)/, '') || [] : [word],
  );
  const variables: Record<string, VariableChange> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    const unset = /^(?:-u|--unset=)(.*)$/.exec(word)?.[1];
    if (unset !== undefined) variables[unset || (words[++at] ?? '')] = { value: '', operation: 'unset' };
    else if (name !== '') variables[name] = value;
    else if (!/^-/.test(word)) return { program: word, name: nameOf(word), args: words.slice(at + 1), variables };
  }
  return undefined;
}

/** The first word, and all that follows it. */
function split(line: string): readonly [string, string] {
  const at = line.search(/\s/);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at).trim()];
}

/** Words as `env -S` divides them: quotes hold words together. */
function wordsOf(text: string): readonly string[] {
  return (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
