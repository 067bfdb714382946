import type { Affinity, Toleration } from './requirements.ts';

export type ParameterDelivery = 'stdin' | 'file';
export type ParameterFormat = 'json' | 'dotenv' | 'yaml';
export type OutputFormat = 'text' | 'json' | 'yaml' | 'jsonl';

/** Any JSON object: parameters of an execution. */
export type Parameters = Readonly<Record<string, unknown>>;

/** An action of a pack, read and checked. */
export interface Action {
  /** `<pack>.<name>` */
  readonly ref: string;
  readonly label: string;
  readonly description: string | undefined;
  /** The runtime family's name or an alias. */
  readonly runnerType: string;
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
  readonly timeoutSeconds: number | undefined;
  /** How often a failure is tried again; undefined: never, and its worker's end is another matter. */
  readonly maxRetries: number | undefined;
  /** Labels that its worker must have. */
  readonly workerSelector: Readonly<Record<string, string>>;
  readonly workerTolerations: readonly Toleration[];
  readonly workerAffinity: Affinity;
  readonly pack: Pack;
}

export interface Pack {
  readonly ref: string;
  readonly label: string;
  readonly version: string;
  /** Absolute path. */
  readonly directory: string;
}
