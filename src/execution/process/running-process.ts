import type { ProcessEnv } from '#domain/runtime.ts';
import type { Output } from './output.ts';

export interface ProcessRequest {
  /** Program by absolute path, then its arguments. */
  readonly command: readonly string[];
  /** The child's whole environment; nothing is inherited. */
  readonly env: ProcessEnv;
  readonly cwd: string;
  /** The restrictions to which the launcher holds the program, in its own words (src/static-linker/launch.c). */
  readonly restrictions?: readonly string[] | undefined;
  /** True if what starts processes was killed or changed when it began with this one: another way is taken. */
  readonly isAgain?: boolean;
}

/** The outcome of a process that could not be started. `reason` is a sentence for people. */
export interface NotStarted {
  readonly kind: 'not-started';
  readonly reason: string;
  /** True if what starts processes was killed or changed before it began with this one: it may be started again. */
  readonly isLost?: boolean;
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: string; readonly signalNumber: number };

/** The streams of a child, as this process has them. */
export interface ChildStreams {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Writes everything and closes. Never rejects: not to read (EPIPE) is the child's right. Much may pend while nobody reads. */
  writeInput(bytes: Uint8Array): Promise<void>;
}

/**
 * A child that leads its own session and process group. Its stdin must be finished with `writeInput`. To dispose of it
 * kills what is left of it, whoever has started that, and gives back its descriptors; resolves when nothing is left.
 */
export interface RunningProcess extends ChildStreams, AsyncDisposable {
  /** Settles when the child itself has ended, or could not be started; descendants may live on. Never rejects. */
  readonly ended: Promise<ProcessEnd | NotStarted>;
  /** Sends a signal to every process of the group. A group that is gone is no error. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}
