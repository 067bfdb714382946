import type { VariableChange, VariableChanges } from './runtime.ts';

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
  /** What only `env` could do with the line, as a sentence without its subject. */
  readonly flaw?: string;
}

/** Longer first lines are cut by the kernel too. */
const MOST_BYTES = 255;

/**
 * Reads the first line of a script, as the kernel and `env` do: all that follows a path is one argument, which `env`
 * divides into words with `-S`. Undefined if the script names no interpreter.
 */
export function parseShebang(script: string): Shebang | undefined {
  const text = script.startsWith('\ufeff') ? script.slice(1) : script;
  if (!text.startsWith('#!')) return undefined;
  const line = (text.slice(2, MOST_BYTES).split('\n', 1)[0] ?? '').trim();
  const [program = '', rest = ''] = split(line);
  if (program === '') return undefined;
  if (nameOf(program) !== 'env')
    return { program, name: nameOf(program), args: rest === '' ? [] : [rest], variables: {} };
  return behindEnv(rest);
}

/** The option that divides the only argument into words, with those that stand in the same word. */
const DIVIDED = /^(?:-([iv0]*)S|--split-string=)/;

/** What `env` makes of its argument: options, variables, and the program with its arguments. */
function behindEnv(text: string): Shebang | undefined {
  const words = wordsOf(text.replace(DIVIDED, (_, letters = '') => (letters === '' ? '' : `-${letters} `)));
  const at = words.findIndex((word, index) => !isForEnv(word, words[index - 1] ?? ''));
  const program = words[at];
  if (program === undefined) return undefined;
  const own = words.slice(0, at);
  const changes = own.flatMap((word, index) => changeBy(word, words[index + 1] ?? ''));
  const shebang = { program, name: nameOf(program), args: words.slice(at + 1), variables: Object.fromEntries(changes) };
  const flaw = flawOf(text, own);
  return flaw === undefined ? shebang : { ...shebang, flaw };
}

/** Tells whether a word is an option, a variable, or what belongs to the option before it. */
function isForEnv(word: string, before: string): boolean {
  return /^-|^\w+=/.test(word) || TAKES_ONE.test(before);
}

const TAKES_ONE = /^(-[iv0]*[uaPC]|--unset|--argv0|--chdir)$/;
/** Options that the agent does what they ask for, or that change nothing. */
const DONE = /^(-v*(u.*|S)?|--unset(=.*)?|--debug|--)$/;

/** The variable that a word sets or takes away, if it does. */
function changeBy(word: string, next: string): readonly (readonly [string, VariableChange])[] {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
  if (name !== '') return [[name, value]];
  const [, unset] = /^(?:-[iv0]*u|--unset=?)(.*)$/s.exec(word) ?? [];
  return unset === undefined ? [] : [[unset || next, { value: '', operation: 'unset' }]];
}

/** What of the argument of `env` nobody but itself could do, or not even that; `own` are the words before the program. */
function flawOf(text: string, own: readonly string[]): string | undefined {
  if (/\s/.test(text) && !DIVIDED.test(text))
    return `gives env '${text}', which is one word to it and no program: write env -S before it`;
  const [variable] = /(?<!\\)\$\{\w+\}/.exec(text.replaceAll(/'[^']*'/g, '')) ?? [];
  if (variable !== undefined) return `has ${variable}, which the agent does not replace: use it in the script itself`;
  const undone = own.find(
    (word, index) =>
      word === '-' || (word.startsWith('-') && !DONE.test(word) && !TAKES_ONE.test(own[index - 1] ?? '')),
  );
  if (undone === undefined) return undefined;
  return /^(-\w*C|--chdir)/.test(undone)
    ? 'changes the directory: do that in the script itself'
    : `has the option ${undone} of env, which the agent does not do: leave it out`;
}

/** The first word, and all that follows it. */
function split(line: string): readonly [string, string] {
  const at = line.search(/\s/);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at).trim()];
}

/** A word of a first line: texts in quotes, escapes and plain characters. `\_` outside of quotes divides words. */
const WORD = /\\_|(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\\[^_]|[^\s\\])+/gs;
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\\./gs;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', _: ' ' };

/** Words as `env -S` divides them, with its quotes, its escapes and its comments. */
function wordsOf(text: string): readonly string[] {
  const words = (text.match(WORD) ?? []).filter((word) => word !== '\\_');
  const comment = words.findIndex((word) => word.startsWith('#'));
  return words
    .slice(0, comment < 0 ? words.length : comment)
    .map((word) =>
      word.replaceAll(QUOTED, (all, single?: string, double?: string) =>
        single === undefined
          ? (double ?? all).replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPED[letter] ?? letter)
          : single.replaceAll(/\\([\\'])/g, '$1'),
      ),
    );
}

/** The name of a program without the directories before it. */
export function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
