import type { ConfigSources } from '#config/load-config.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { defaultOf } from './documented-verbs.ts';
import type { Parameter } from './parameter.ts';
import { sourcesOf, type Verb, type VerbList } from './verb.ts';

/**
 * The candidates that can follow the words given so far: verbs, options, and the words that an option or an argument
 * accepts.
 */
export async function candidates(
  root: Verb,
  verbs: VerbList,
  { words, env }: { readonly words: readonly string[]; readonly env: ProcessEnv },
): Promise<readonly string[]> {
  let { verb, list, after }: Found = { verb: root, list: verbs, after: 0 };
  for (const [index, word] of words.entries()) {
    const next = Object.hasOwn(list, word) ? list[word] : undefined;
    if (!next) continue;
    verb = (await next.load?.())?.verb;
    list = next.verbs ?? {};
    after = index + 1;
  }
  const alone = defaultOf(list);
  verb ??= alone === undefined ? undefined : (await list[alone]?.load?.())?.verb;
  const options = Object.values(verb?.options ?? {});
  const given = words.slice(after).filter((word) => word !== '='); /* bash takes --format=json for three words */
  const option = optionNamed(given.at(-1) ?? '', options);
  const sources = sourcesGiven(verb, given, env);
  if (option?.syntax.includes('<')) return await wordsFor(option, sources);
  const names = Object.entries(list).flatMap(([name, { isHidden }]) => (isHidden ? [] : [name]));
  const argument = argumentAt(operandsOf(given, options).length, Object.values(verb?.arguments ?? {}));
  const longFlags = options.flatMap(({ syntax }) => flagsOf(syntax).filter((one) => one.startsWith('--')));
  const always = list === verbs ? ['help', 'man', '--version', '--help'] : ['--help'];
  return [...names, ...(await wordsFor(argument, sources)), ...longFlags, ...always];
}

interface Found {
  readonly verb: Verb | undefined;
  readonly list: VerbList;
  /** Words before those that are the verb's. */
  readonly after: number;
}

type Options = readonly Parameter<unknown>[];

function optionNamed(word: string, options: Options): Parameter<unknown> | undefined {
  return options.find(({ syntax }) => flagsOf(syntax).includes(word));
}

/** The values of the options that were given, by their names in the verb: they choose the server that is asked. */
function valuesOf(given: readonly string[], options: Verb['options']): Readonly<Record<string, string>> {
  const found = Object.entries(options).flatMap(([name, { syntax }]) => {
    if (!syntax.includes('<')) return [];
    const flags = flagsOf(syntax);
    const values = given.flatMap((word, at) => {
      const flag = flags.find((one) => word.startsWith(`${one}=`));
      if (flag !== undefined) return [word.slice(flag.length + 1)];
      return flags.includes(given[at - 1] ?? '') ? [word] : [];
    });
    return values.slice(-1).map((value) => [name, value] as const);
  });
  return Object.fromEntries(found);
}

/** The settings that the options override which were given so far. */
function sourcesGiven(verb: Verb | undefined, given: readonly string[], env: ProcessEnv): ConfigSources {
  return verb === undefined ? { env, flags: {}, file: undefined } : sourcesOf(verb, valuesOf(given, verb.options), env);
}

/** The words that are no options and no values of options. */
function operandsOf(words: readonly string[], options: Options): readonly string[] {
  return words.filter((word, index) => {
    const before = optionNamed(words[index - 1] ?? '', options);
    return !word.startsWith('-') && !before?.syntax.includes('<');
  });
}

/** The argument that comes after so many others; the last one may take all that follow. */
function argumentAt(index: number, all: Options): Parameter<unknown> | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.syntax.includes('...') ? last : undefined);
}

/** The words for the value of an option or an argument; none where it may be anything. */
async function wordsFor(parameter: Parameter<unknown> | undefined, sources: ConfigSources): Promise<readonly string[]> {
  const known = parameter?.choices ?? parameter?.words;
  if (known) return known;
  if (parameter?.offer === undefined) return [];
  const { offersOf } = await import('./api-client/offers.ts');
  return await offersOf(parameter.offer, sources);
}

/** The flags of an option: `-p` and `--param` of `-p, --param <key=value>`. */
function flagsOf(syntax: string): readonly string[] {
  return syntax.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}
