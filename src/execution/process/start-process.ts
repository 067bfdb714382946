import { codeOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { explainStartFailure } from './explain-start-failure.ts';
import { LAUNCHER_NAME } from './launcher.ts';

export interface ProcessRequest {
  /** Program by absolute path, then its arguments. */
  readonly command: readonly string[];
  /** The child's whole environment; nothing is inherited. */
  readonly env: ProcessEnv;
  readonly cwd: string;
  /** Arguments in front of the command that put it into a sandbox; undefined: the command runs without one. */
  readonly launcher?: readonly string[] | undefined;
}

/** Nothing ran. `reason` is a sentence for people. */
export interface NotStarted {
  readonly kind: 'not-started';
  readonly reason: string;
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: string; readonly signalNumber: number };

/** A child that leads its own session and process group. */
export interface RunningProcess {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the child itself has ended; descendants may live on. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Writes everything and closes. Never rejects: not to read (EPIPE) is the child's right. Pends while nobody reads. */
  writeInput(bytes: Uint8Array): Promise<void>;
  /** To every process of the group. A group that is gone is no error. */
  signalGroup(signal: NodeJS.Signals): void;
}

/** Starts a child with pipes for all three streams. Its stdin must be finished with `writeInput`. */
export function startProcess(request: ProcessRequest): Result<RunningProcess, NotStarted> {
  try {
    const { launcher = [] } = request;
    const child = Bun.spawn([...launcher, ...request.command], {
      ...(launcher.length > 0 && { argv0: LAUNCHER_NAME }),
      env: { ...request.env },
      cwd: request.cwd,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      detached: true,
    });
    return success({
      stdout: child.stdout,
      stderr: child.stderr,
      ended: child.exited.then((code) => describeEnd(code, child.signalCode)),
      writeInput: (bytes) => writeInput(child.stdin, bytes),
      signalGroup: (signal) => signalGroup(child.pid, signal),
    });
  } catch (error) {
    const code = codeOf(error) ?? 'UNKNOWN';
    return failure({ kind: 'not-started', reason: explainStartFailure(request, code) });
  }
}

/** Bun names the signals it knows; the others (real-time) arrive as 128 + number. */
function describeEnd(exitCode: number, signal: unknown): ProcessEnd {
  if (signal === null || signal === undefined) return { kind: 'exited', exitCode };
  const signalNumber = exitCode - 128;
  return { kind: 'signaled', signal: typeof signal === 'string' ? signal : `signal ${signalNumber}`, signalNumber };
}

async function writeInput(stdin: Bun.FileSink, bytes: Uint8Array): Promise<void> {
  try {
    await stdin.write(bytes);
    await stdin.end();
  } catch {
    /* the pipe is gone with its reader */
  }
}

/** The number stays reserved while any member lives, so this cannot hit a stranger as long as one of ours is left. */
function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
