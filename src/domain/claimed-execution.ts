import type { OutputFormat, ParameterDelivery, ParameterFormat, Parameters } from './action.ts';
import type { ClaimedOrigin } from './execution-origin.ts';
import type { ExecutionId } from './ids.ts';
import type { JoinedExecution } from './joined-execution.ts';

/** A claimed execution with everything that running it takes. */
export interface ClaimedExecution {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly actionRef: string;
  readonly parameters: Parameters;
  /** Values of keys of the system, its pack and its action, decrypted; the narrower owner wins. */
  readonly keys: Parameters;
  /** Why the keys or the parameters cannot be had; the execution must not run without them. */
  readonly keysProblem: string | undefined;
  readonly envVars: Readonly<Record<string, string>>;
  /** The time limit of the execution itself. */
  readonly timeoutSeconds: number | undefined;
  readonly retryCount: number;
  /** undefined: nobody said. */
  readonly maxRetries: number | undefined;
  /** The token of the execution for the API; undefined if it may ask for nothing. Set by who made the offer. */
  readonly apiToken?: string | undefined;
  /** undefined: not known. */
  readonly origin: ClaimedOrigin | undefined;
  /** The milliseconds that its claim took, which the worker adds. */
  readonly claimMs?: number | undefined;
  /** undefined: this control plane has scheduled it, and no other. */
  readonly joined?: JoinedExecution | undefined;
  /** undefined: its action does not exist any more. */
  readonly action: ClaimedAction | undefined;
}

export interface ClaimedAction {
  /** A path below the actions of a pack, or the code itself. */
  readonly script: PackScript | { readonly code: string };
  /** Name or alias. */
  readonly runtime: string | undefined;
  /** The configuration in the rows of its runtime, unless they are the agent's own; of any origin, so unchecked. */
  readonly runtimeConfig: unknown;
  /** The schemas as they were written, unchecked. */
  readonly outputSchema: unknown;
  readonly parameterSchema: unknown;
  /** True if the token whose hash came with the offer is valid now. */
  readonly hasApiToken: boolean;
  readonly versionConstraint: string | undefined;
  readonly parameterDelivery: ParameterDelivery;
  readonly parameterFormat: ParameterFormat;
  readonly outputFormat: OutputFormat;
  readonly timeoutSeconds: number | undefined;
}

export interface PackScript {
  readonly packRef: string;
  readonly entryPoint: string;
  /** The code that runs where the pack has no such file. */
  readonly orCode?: string | undefined;
  readonly packVersion: string;
  /** The checksum of the pack's archive; undefined: the pack was registered without one. */
  readonly packChecksum: string | undefined;
}
