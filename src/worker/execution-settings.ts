import type { ArtifactSink } from '#domain/artifact.ts';
import type { Clock } from '#domain/clock.ts';
import type { Interpreter } from '#domain/runtime.ts';
import type { SharedVolume } from '#domain/shared-volume.ts';
import type { Masker } from '#execution/masking/masker.ts';
import type { CommandLimits } from '#execution/process/run-command.ts';
import type { ScriptHost } from '#execution/script/open-script.ts';
import type { PackCache } from '#packs/fetch-pack.ts';
import type { PackWork } from '#packs/pack-work.ts';

/** The settings with which a worker runs executions: the same for all of them. */
export interface ExecutionSettings {
  readonly host: ScriptHost;
  /** The interpreters of the runtimes that the worker advertises. */
  readonly interpreters: readonly Interpreter[];
  readonly packs: PackSettings;
  /** `timeoutMs` is that of executions which have no limit of their own, nor has their action. */
  readonly limits: CommandLimits;
  readonly artifacts: ArtifactSettings;
  /** Masks the secrets of the agent's own configuration, which no output and no result may show. */
  readonly masker: Masker;
  /** The API that actions may call; undefined: none is known. */
  readonly apiUrl: string | undefined;
  readonly joined: JoinedSettings;
}

/** The settings for executions that Attune's Rust control plane has scheduled. */
export interface JoinedSettings {
  /** The address of its API. */
  readonly apiUrl: string;
  /** The secret with which its API signs tokens; undefined: executions get none. */
  readonly tokenSecret: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** The directory that it shares with its workers; undefined: it is not mounted here. */
  readonly volume: SharedVolume | undefined;
}

export interface PackSettings {
  /** The directories that hold packs; the first one that has a pack counts. */
  readonly directories: readonly string[];
  /** Loads all packs of a directory. */
  readonly load: PackWork['loadPacks'];
  /** Fetches packs that are in none of the directories; undefined: such packs are missing. */
  readonly cache: PackCache | undefined;
  /** False: scripts of packs alone are run, and code that comes with a request is refused. */
  readonly takesInline: boolean;
}

export interface ArtifactSettings {
  /** The storage of artifacts; undefined if they are not kept, and the result says so. */
  readonly storage: ArtifactSink | undefined;
  /** Limits of all artifacts of one execution together. */
  readonly limits: { readonly files: number; readonly bytes: number };
}
