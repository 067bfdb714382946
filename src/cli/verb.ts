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
  /** Does what the verb is for, and resolves with the exit code. */
  action(args: Values<A>, options: Values<O>, call: Call): Promise<number>;
}

export type Verb = Definition<Parameters, Parameters>;

/**
 * Defines a verb. The types of the action's arguments and options follow from the definition, against which the command
 * line is checked.
 */
export function defineVerb<A extends Parameters, O extends Parameters>(definition: Definition<A, O>): Verb {
  return definition;
}

interface Listed {
  readonly summary: string;
  /** True if the verb works, but no help and no completion shows it. */
  readonly isHidden?: true;
}

/** A verb in the list of verbs. Its file is loaded when it is called, so that start-up pays for one verb only. */
interface ListedVerb extends Listed {
  readonly load: () => Promise<{ readonly verb: Verb }>;
  readonly verbs?: VerbList;
  /** They stand in the verb's file. */
  readonly examples?: never;
}

/** A word that only holds other verbs, whose most useful calls are its examples. */
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
  const flags = Object.entries(known).flatMap(([name, { setting }]) =>
    setting === undefined ? [] : [[setting, options[name]] as const],
  );
  const file = options['config'];
  return { flags: Object.fromEntries(flags), env, file: typeof file === 'string' ? file : undefined };
}
