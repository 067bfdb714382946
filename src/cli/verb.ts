import type { ConfigSources } from '#config/load-config.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { Parameter, Values } from './parameter.ts';

type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The surroundings of a call that a verb gets besides its arguments and options. */
export interface Call {
  readonly env: ProcessEnv;
  /** The settings given by options and `--config`, over the environment: what `readConfig` takes. */
  readonly sources: ConfigSources;
}

/** Command lines that run as they are printed, each with what it does. */
type Examples = readonly (readonly [line: string, purpose: string])[];

/** One verb of the command line. Its summary stands in the list of verbs, so that `--help` need not load it. */
interface Definition<A extends Parameters, O extends Parameters> {
  /** What there is to know besides the summary. */
  readonly details?: string;
  readonly arguments: A;
  readonly options: O;
  /** The settings that it reads, by name or by section, for the documentation. */
  readonly settings?: readonly string[];
  readonly examples: Examples;
  /** Exit codes that say more than 0 success, 1 failure, 2 wrong usage, 78 wrong settings. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /**
   * The help of what the first words of a call name, such as an action. Undefined: the help of the verb. False: there is
   * no such thing, which has been said.
   */
  help?(words: readonly string[], call: Call): Promise<string | undefined | false>;
  /** Does what the verb is for, and resolves with the exit code. */
  action(args: Values<A>, options: Values<O>, call: Call): Promise<number>;
}

export type Verb = Definition<Parameters, Parameters>;

/** A verb as it was called. Arguments and options that were left out are absent. */
export interface Invocation {
  readonly verb: Verb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Defines a verb. The types of the action's arguments and options follow from the definition, against which the command
 * line is checked. A verb that can write JSON has the option --jq, too.
 */
export function defineVerb<A extends Parameters, O extends Parameters>(definition: Definition<A, O>): Verb {
  const { format } = definition.options;
  return format?.choices?.includes('json')
    ? { ...definition, options: { ...definition.options, jq: jqOption() } }
    : definition;
}

function jqOption(): Parameter<string | undefined> {
  return {
    syntax: '--jq <expression>',
    sentence: 'Writes what this expression of jq makes of the JSON; texts are written as they are',
    implies: { format: 'json' },
  };
}

interface Listed {
  readonly summary: string;
  /** True if the verb works, but no help and no completion shows it. */
  readonly isHidden?: true;
}

/** A verb in the list of verbs. Its file is loaded when it is called, so that start-up pays for one verb only. */
interface ListedVerb extends Listed {
  readonly load: () => Promise<{ readonly verb: Verb }>;
  readonly verbs?: never;
  /** They stand in the verb's file. */
  readonly examples?: never;
}

/**
 * A word that only holds other verbs, whose most useful calls are its examples. Without a verb it does what its verb `list`
 * does.
 */
export interface VerbGroup extends Listed {
  readonly load?: never;
  readonly verbs: VerbList;
  readonly examples: Examples;
}

export type VerbList = Readonly<Record<string, ListedVerb | VerbGroup>>;

/** The settings that the options of a call override, over the environment. */
export function sourcesOf(
  { options: known }: Verb,
  options: Readonly<Record<string, unknown>>,
  env: ProcessEnv,
): ConfigSources {
  const given = Object.entries(known).flatMap(([name, { setting, syntax }]) =>
    setting === undefined ? [] : [{ setting, value: options[name], option: /--[\w-]+/.exec(syntax)?.[0] ?? syntax }],
  );
  const file = options['config'];
  return {
    flags: Object.fromEntries(given.map(({ setting, value }) => [setting, value])),
    options: Object.fromEntries(given.map(({ setting, option }) => [setting, option])),
    env,
    file: typeof file === 'string' ? file : undefined,
  };
}
