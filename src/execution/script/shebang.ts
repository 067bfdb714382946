/** The first line of a script, `#!…`: the interpreter that its author meant. */
export interface Shebang {
  /** The program as it is written: a path, or the name that `env` searches. */
  readonly program: string;
  /** The last part of the path. */
  readonly name: string;
  /** The arguments that the interpreter is given before the file. */
  readonly args: readonly string[];
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
  if (nameOf(program) !== 'env') return { program, name: nameOf(program), args: rest === '' ? [] : [rest] };
  const words = wordsOf(rest).filter((word) => !/^(-S|-i|-|--split-string|--ignore-environment|-v|\w+=.*)$/.test(word));
  const [wanted = '', ...args] = words.map((word, index) =>
    index === 0 ? word.replace(/^(-S|--split-string=)/, '') : word,
  );
  return wanted === '' ? undefined : { program: wanted, name: nameOf(wanted), args };
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
