import type { Verb, VerbList } from './verb.ts';

/**
 * The candidates that can follow the words given so far: verbs, options, and the words that an option or an argument
 * accepts.
 */
export async function candidates(root: Verb, verbs: VerbList, words: readonly string[]): Promise<readonly string[]> {
  let verb: Verb | undefined = root;
  let list = verbs;
  for (const word of words) {
    const next = Object.hasOwn(list, word) ? list[word] : undefined;
    if (!next) continue;
    verb = (await next.load?.())?.verb;
    list = next.verbs ?? {};
  }
  const options = Object.values(verb?.options ?? {});
  const previous = words.at(-1) ?? '';
  const values = options.find(({ syntax }) => flagsOf(syntax).includes(previous))?.choices;
  if (values) return values;
  const names = Object.entries(list).flatMap(([name, { isHidden }]) => (isHidden ? [] : [name]));
  const [argument] = Object.values(verb?.arguments ?? {});
  const longFlags = options.flatMap(({ syntax }) => flagsOf(syntax).filter((one) => one.startsWith('--')));
  return [...names, ...(argument?.choices ?? []), ...longFlags, '--help'];
}

/** The flags of an option: `-p` and `--param` of `-p, --param <key=value>`. */
function flagsOf(syntax: string): readonly string[] {
  return syntax.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}
