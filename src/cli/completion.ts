import type { ProcessEnv } from '#domain/runtime.ts';
import type { Parameter } from './parameter.ts';
import type { Verb, VerbList } from './verb.ts';

/**
 * The candidates that can follow the words given so far: verbs, options, and the words that an option or an argument
 * accepts.
 */
export async function candidates(
  root: Verb,
  verbs: VerbList,
  { words, env }: { readonly words: readonly string[]; readonly env: ProcessEnv },
): Promise<readonly string[]> {
  let verb: Verb | undefined = root;
  let list = verbs;
  for (const word of words) {
    const next = Object.hasOwn(list, word) ? list[word] : undefined;
    if (!next) continue;
    verb = (await next.load?.())?.verb;
    list = next.verbs ?? {};
  }
  const options = Object.values(verb?.options ?? {});
  const previous = words.findLast((word) => word !== '=') ?? ''; /* bash takes --format=json for three words */
  const option = options.find(({ syntax }) => flagsOf(syntax).includes(previous));
  const values = await wordsFor(option, env);
  if (option?.syntax.includes('<')) return values;
  const names = Object.entries(list).flatMap(([name, { isHidden }]) => (isHidden ? [] : [name]));
  const [argument] = Object.values(verb?.arguments ?? {});
  const longFlags = options.flatMap(({ syntax }) => flagsOf(syntax).filter((one) => one.startsWith('--')));
  const always = list === verbs ? ['help', 'man', '--version', '--help'] : ['--help'];
  return [...names, ...(await wordsFor(argument, env)), ...longFlags, ...always];
}

/** The words for the value of an option or an argument; none where it may be anything. */
async function wordsFor(parameter: Parameter<unknown> | undefined, env: ProcessEnv): Promise<readonly string[]> {
  if (parameter?.choices) return parameter.choices;
  if (parameter?.offer === undefined) return [];
  const { offersOf } = await import('./api-client/offers.ts');
  return await offersOf(parameter.offer, env);
}

/** The flags of an option: `-p` and `--param` of `-p, --param <key=value>`. */
function flagsOf(syntax: string): readonly string[] {
  return syntax.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}
