import type { Scope } from './admin-store.ts';
import type { Affinity, Toleration } from './requirements.ts';
import type { ExecutionConfig } from './runtime.ts';
import type { Schedule } from './schedule.ts';

export const PARAMETER_DELIVERIES = ['stdin', 'file'] as const;
export const PARAMETER_FORMATS = ['json', 'dotenv', 'yaml'] as const;
export const OUTPUT_FORMATS = ['text', 'json', 'yaml', 'jsonl'] as const;
/** The longest timeout that an action or a request may have: a year. */
export const MOST_TIMEOUT_SECONDS = 31_536_000;
/** The most retries that an action or a request may allow after failures. */
export const MOST_RETRIES = 1000;
/** The bounds of a priority: what waits with a higher one comes first. */
export const LEAST_PRIORITY = -100;
export const MOST_PRIORITY = 100;
export type ParameterDelivery = (typeof PARAMETER_DELIVERIES)[number];
export type ParameterFormat = (typeof PARAMETER_FORMATS)[number];
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Any JSON object: parameters of an execution. */
export type Parameters = Readonly<Record<string, unknown>>;

/** An action of a pack, read and checked. */
export interface Action {
  /** `<pack>.<name>` */
  readonly ref: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly runtime: ActionRuntime;
  /** Version constraint on its interpreter. */
  readonly runtimeVersion: string | undefined;
  /** Runtimes that must be there besides its own. */
  readonly requiredRuntimes: readonly string[];
  /** Absolute path of the script. */
  readonly entryPoint: string;
  readonly parameterDelivery: ParameterDelivery;
  readonly parameterFormat: ParameterFormat;
  readonly outputFormat: OutputFormat;
  /** JSON Schema of the parameters, undefined: anything goes. */
  readonly parameterSchema: Readonly<Record<string, unknown>> | undefined;
  /** The schema of the output as the pack writes it; what has `secret: true` in it is stored encrypted. */
  readonly outputSchema: Readonly<Record<string, unknown>> | undefined;
  readonly timeoutSeconds: number | undefined;
  /**
   * The number of times that a failure is tried again; undefined means never. The end of its worker is another matter.
   */
  readonly maxRetries: number | undefined;
  /** The priority of its executions, where a request names none. */
  readonly priority: number;
  /** Labels that its worker must have. */
  readonly workerSelector: Readonly<Record<string, string>>;
  readonly workerTolerations: readonly Toleration[];
  readonly workerAffinity: Affinity;
  /** The scopes that the action has for the API while it runs, by a token that is valid for as long. */
  readonly apiScopes: readonly Scope[];
  /** The names of the environment variables that a request may set. */
  readonly requestVariables: readonly string[];
  readonly schedules: readonly Schedule[];
  readonly pack: Pack;
}

/** The runtime of an action. */
interface ActionRuntime {
  /** `core.python`, or `<pack>.<name>` of a runtime that the pack describes itself. */
  readonly ref: string;
  /** The family; a name that the agent does not know stays as it is written. */
  readonly name: string;
  /** The configuration of the runtime; undefined means that the agent's own holds. */
  readonly config: RuntimeConfig | undefined;
}

/** The configuration of a runtime as the tables `runtime` and `runtime_version` hold it. */
interface RuntimeConfig {
  readonly execution_config: ExecutionConfig;
  /** The configurations for interpreters of certain versions, of which the first that fits counts. */
  readonly versions: readonly { readonly version: string; readonly execution_config: ExecutionConfig }[];
}

/** A runtime that a pack describes in `runtimes/*.yaml`. */
export interface PackRuntime {
  readonly ref: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** The family that it builds on. */
  readonly family: string;
  readonly config: RuntimeConfig;
}

export interface Pack {
  readonly ref: string;
  readonly label: string;
  readonly version: string;
  /** Absolute path. */
  readonly directory: string;
}
