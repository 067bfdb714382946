import { nearest } from '#domain/nearest.ts';

/**
 * An argument or an option of a verb: how it is written, what it does, and where its value comes from if it is left
 * out.
 */
export interface Parameter<T> {
  /** The syntax in the notation of commander: `<file>`, `[id]`, `[packs...]`, `-p, --param <key=value>`. */
  readonly syntax: string;
  /** One sentence for people who read the help. */
  readonly sentence: string;
  /** The setting, by its dotted name, that an option overrides. */
  readonly setting?: string;
  /** The environment variable that is read when an option that overrides no setting is left out. */
  readonly variable?: string;
  /**
   * Says in words what holds when the parameter is given nowhere. Undefined if the sentence says it, or nothing
   * happens.
   */
  readonly fallback?: string;
  /** The value that the action receives when the parameter is not given. */
  readonly initial?: T;
  readonly choices?: readonly string[];
  /** The choice that another name stands for, such as `shell` for `bash`; any other text as it is. */
  readonly meant?: (text: string) => string;
  /** The words of which the value is one, or several with commas. */
  readonly words?: readonly string[];
  /** Says what is wrong with a value, after its name and itself: `is not a whole number from 1 to 500`. */
  readonly flawOf?: (text: string) => string | undefined;
  /** What a shell offers for the value, which may be another one. */
  readonly offer?: Offer;
  /** The options, by their names in the verb, that contradict this one. */
  readonly conflicts?: readonly string[];
  /** What other options are, by their names in the verb, where this one is given and they are not. */
  readonly implies?: Readonly<Record<string, string>>;
  /** The option may be given several times; its value is the list of what was given. */
  readonly repeats?: true;
}

/** What has names on a server. */
export type Named =
  | 'actions'
  | 'packs'
  | 'installed-packs'
  | 'packs-with-earlier'
  | 'workers'
  | 'keys'
  | 'tokens'
  | 'artifacts'
  | 'executions'
  | 'schedules'
  | 'webhooks';

/** Words that a shell can offer: of this program, of what login has kept, of the packs directory here, or of the server. */
export type Offer =
  | Named
  | 'actions-here'
  | 'action-names-here'
  | 'packs-here'
  | 'pack-names-here'
  | 'contexts'
  | 'runtimes'
  | 'statuses'
  | 'final-statuses'
  | 'scopes';

/** A parameter for whose value a shell offers words. */
export function offering<T>(offer: Offer, parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, offer };
}

/**
 * The values of several parameters, by the names that a verb gives them. A parameter that may be left out is an
 * optional property.
 */
export type Values<P> = {
  readonly [K in keyof P as undefined extends ValueOf<P[K]> ? never : K]: ValueOf<P[K]>;
} & {
  readonly [K in keyof P as undefined extends ValueOf<P[K]> ? K : never]?: Exclude<ValueOf<P[K]>, undefined>;
};

type ValueOf<P> = P extends Parameter<infer T> ? T : never;

type Facts = Pick<Parameter<unknown>, 'setting' | 'variable' | 'fallback' | 'conflicts'>;

/** An argument that must be given. */
export function required(name: string, sentence: string): Parameter<string> {
  return { syntax: `<${name}>`, sentence };
}

/** An argument that may be left out. */
export function optional(name: string, sentence: string): Parameter<string | undefined> {
  return { syntax: `[${name}]`, sentence };
}

/** A parameter for all arguments from here on, of which there may be none. */
export function rest(name: string, sentence: string): Parameter<readonly string[]> {
  return { syntax: `[${name}...]`, sentence };
}

/** A parameter that is a whole number within bounds. */
export function wholeNumber<T>(parameter: Parameter<T>, least: number, most: number): Parameter<T> {
  const flaw = `is not a whole number from ${least} to ${most}`;
  const fits = (text: string): boolean => /^-?\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
  return { ...parameter, flawOf: (text) => (fits(text) ? undefined : flaw) };
}

/** A parameter whose value is checked before anybody is asked; `flawOf` says what is wrong, after its name and itself. */
export function checked<T>(flawOf: (text: string) => string | undefined, parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, flawOf };
}

/** A parameter that is one of a few words, or several of them with commas. */
export function words<T>(all: readonly string[], parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, words: all, flawOf: (text) => flawOfWords(text, all) };
}

/** The words of a value, which may have spaces behind their commas. */
export function wordsIn(text: string): readonly string[] {
  return text.split(/ *, */);
}

function flawOfWords(text: string, all: readonly string[]): string | undefined {
  const unknown = wordsIn(text).find((one) => !all.includes(one));
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, all);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `${unknown === text ? 'is' : `has '${unknown}', which is`} none of ${all.join(', ')}${hint}`;
}

/** A parameter that is the number of an execution. */
export function executionNumber<T>(parameter: Parameter<T>): Parameter<T> {
  return numberOf('an execution', parameter);
}

/** A parameter that is the number of a schedule. */
export function scheduleNumber<T>(parameter: Parameter<T>): Parameter<T> {
  return numberOf('a schedule', parameter);
}

/** A parameter that is the number of a webhook. */
export function webhookNumber<T>(parameter: Parameter<T>): Parameter<T> {
  return numberOf('a webhook', parameter);
}

function numberOf<T>(what: string, parameter: Parameter<T>): Parameter<T> {
  const fits = (text: string): boolean => /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));
  return { ...parameter, flawOf: (text) => (fits(text) ? undefined : `is not the number of ${what}`) };
}

/** An argument that must be one of a few words. */
export function oneOf<const C extends string>(name: string, choices: readonly C[], sentence: string): Parameter<C> {
  return { syntax: `<${name}>`, sentence, choices };
}

/** An option without a value. */
export function flag(
  syntax: string,
  sentence: string,
  facts: Pick<Parameter<true>, 'conflicts'> = {},
): Parameter<true | undefined> {
  return { syntax, sentence, ...facts };
}

/** An option with a value. */
export function option(syntax: string, sentence: string, facts: Facts = {}): Parameter<string | undefined> {
  return { syntax, sentence, ...facts };
}

/** An option with a value that the verb itself fills in. */
export function optionWithDefault(syntax: string, initial: string, sentence: string): Parameter<string> {
  return { syntax, sentence, initial };
}

/** An option whose value is one of a few words; the first of them is the default. */
export function choice<const C extends string>(
  syntax: string,
  choices: readonly [C, ...C[]],
  sentence: string,
): Parameter<C> {
  return { syntax, sentence, choices, initial: choices[0] };
}

/** A parameter with choices that have other names too. */
export function alsoNamed<T>(meant: (text: string) => string, parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, meant };
}

/** An option whose value is one of a few words, and that may be left out. */
export function choiceOrNone<const C extends string>(
  syntax: string,
  choices: readonly C[],
  sentence: string,
): Parameter<C | undefined> {
  return { syntax, sentence, choices };
}

/** An option that may be given several times. */
export function list(syntax: string, sentence: string): Parameter<readonly string[]> {
  return { syntax, sentence, initial: [], repeats: true };
}
