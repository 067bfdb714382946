import { dlopen, ptr } from 'bun:ffi';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** The descriptors of three pipes. The agent's ends never block. */
export interface PipeEnds {
  /** Stdin, stdout and stderr of a child. */
  readonly child: readonly [stdin: number, stdout: number, stderr: number];
  readonly agent: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
}

export interface NativeFunctions {
  /** Opens three pipes; the error is the kernel's number, e.g. 24 when no more files may be open. */
  openPipes(): Result<PipeEnds, number>;
}

/**
 * Finds the native functions of the static file. The error says why they cannot be called: run from source, or a
 * policy that refuses executable memory.
 */
export function openNative(): Result<NativeFunctions, string> {
  try {
    const { symbols } = dlopen('attune:native', { attune_open_pipes: { args: ['ptr'], returns: 'i32' } });
    return success({
      openPipes: () => {
        const ends = new Int32Array(6);
        const error = symbols.attune_open_pipes(ptr(ends));
        const [stdin = -1, toStdin = -1, fromStdout = -1, stdout = -1, fromStderr = -1, stderr = -1] = ends;
        if (error !== 0) return failure(error);
        return success({
          child: [stdin, stdout, stderr],
          agent: { stdin: toStdin, stdout: fromStdout, stderr: fromStderr },
        });
      },
    });
  } catch (error) {
    return failure(messageOf(error));
  }
}
