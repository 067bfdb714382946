import type { ArtifactSink } from '#domain/artifact.ts';
import type { StreamName } from '#domain/execution.ts';
import type { Interpreter } from '#domain/runtime.ts';
import type { ScriptHost } from '#execution/script/open-script.ts';
import type { PackCache } from '#packs/fetch-pack.ts';

/** What a worker runs executions with: the same for all of them. */
export interface ExecutionSettings {
  readonly host: ScriptHost;
  /** The interpreters of the runtimes that the worker advertises. */
  readonly interpreters: readonly Interpreter[];
  readonly packs: PackSettings;
  readonly limits: ExecutionLimits;
  readonly artifacts: ArtifactSettings;
  /** Values of the agent's own configuration that no output and no result may show. */
  readonly secrets: readonly string[];
  /** The API that actions may call; undefined: none is known. */
  readonly apiUrl: string | undefined;
}

export interface PackSettings {
  readonly directory: string;
  /** Fetches packs that are not in the directory; undefined: such packs are missing. */
  readonly cache: PackCache | undefined;
}

interface ExecutionLimits {
  /** Of an execution that has no limit of its own, nor has its action. */
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly logLimitBytes: Readonly<Record<StreamName, number>>;
}

export interface ArtifactSettings {
  /** Undefined: artifacts are not kept, and the result says so. */
  readonly storage: ArtifactSink | undefined;
  /** Of all artifacts of one execution together. */
  readonly limits: { readonly files: number; readonly bytes: number };
}
