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
  readonly at: DirectoryCalls;
}

/**
 * System calls on one name of a directory that is open. They answer with a negative error number when they fail, and
 * openAt follows no link.
 */
export interface DirectoryCalls {
  openAt(directory: number, name: string, flags: number): number;
  makeDirectoryAt(directory: number, name: string): number;
  renameAt(directory: number, from: string, to: string): number;
  removeAt(directory: number, name: string): number;
  /** Fills the buffer with entries of getdents64(2), and returns their bytes: 0 at the end. */
  list(directory: number, entries: Uint8Array): number;
}

const signatures = {
  attune_open_pipes: { args: ['ptr'], returns: 'i32' },
  attune_open_at: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  attune_make_directory_at: { args: ['i32', 'ptr'], returns: 'i32' },
  attune_rename_at: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  attune_remove_at: { args: ['i32', 'ptr'], returns: 'i32' },
  attune_list: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
} as const;

/**
 * Finds the native functions of the static file. The error says why they cannot be called: run from source, or a
 * policy that refuses executable memory.
 */
export function openNative(): Result<NativeFunctions, string> {
  try {
    const { symbols } = dlopen('attune:native', signatures);
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
      at: {
        openAt: (directory, name, flags) => symbols.attune_open_at(directory, textOf(name), flags),
        makeDirectoryAt: (directory, name) => symbols.attune_make_directory_at(directory, textOf(name)),
        renameAt: (directory, from, to) => symbols.attune_rename_at(directory, textOf(from), textOf(to)),
        removeAt: (directory, name) => symbols.attune_remove_at(directory, textOf(name)),
        list: (directory, entries) => symbols.attune_list(directory, ptr(entries), entries.length),
      },
    });
  } catch (error) {
    return failure(messageOf(error));
  }
}

/** Text as C reads it. A name with a zero byte would mean another one. */
function textOf(name: string): Uint8Array {
  if (name.includes('\0')) throw new Error('a name of a file has no zero byte');
  return new TextEncoder().encode(`${name}\0`);
}
