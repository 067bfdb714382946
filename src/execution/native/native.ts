import { dlopen, ptr } from 'bun:ffi';
import { messageOf } from '#domain/errors.ts';
import { lazy } from '#domain/lazy.ts';
import { failure, type Result, success } from '#domain/result.ts';

export interface NativeFunctions {
  readonly forkServer: ForkServerCalls;
  readonly at: DirectoryCalls;
  /** What the kernel says of a file, and of what a link leads to if links are followed; undefined when it says nothing. */
  stat(path: string, followsLinks: boolean): FileStamp | undefined;
  readonly access: AccessCalls;
  readonly connections: ConnectionCalls;
  /** Gives back the pages of the agent's own file: what is needed of them comes again from the page cache. */
  forgetFilePages(): void;
}

/** The agent's side of the fork server (src/static-linker/fork-server.c). Errors are the kernel's numbers. */
interface ForkServerCalls {
  /**
   * Opens the socket to a fork server that is to be started. Its programs run with the limits, the priority and the
   * processors that this process has now, or not at all.
   */
  open(): Result<{ readonly own: number; readonly given: number }, number>;
  /** Asks for a keeper, and answers with the socket to it. */
  ask(server: { readonly socket: number; readonly pid: number }): Result<number, number>;
}

/** What the kernel says of a file: one that has changed, or another one of the same name, has another stamp. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
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

/** What the kernel says of the rights of others, by modes, groups and access control lists. */
interface AccessCalls {
  /** 1 if a user may do it (R_OK, W_OK of node:fs) with a name in a directory, 0 if not, else a negative error number. */
  mayAccess(directory: string, name: string, as: { readonly uid: number; readonly gid: number; mode: number }): number;
  /** True if what is made in a directory gets an access control list from it. */
  hasDefaultList(directory: string): boolean;
}

/** A connection that this process has accepted. Its descriptor is good until the event loop goes on. */
interface AcceptedConnection {
  readonly descriptor: number;
  /** The other end. */
  readonly address: string;
  readonly port: number;
}

interface ConnectionCalls {
  /** The connections to a port of this process; the error is the kernel's number. */
  list(port: number): Result<readonly AcceptedConnection[], number>;
  /** Ends a connection in both directions: its owner hears of it, and closes it. */
  end(descriptor: number): void;
}

/** Connections that are listed at once. */
const MOST_LISTED = 16_384;
/** The bytes of one of them: descriptor and port, four bytes each, and its address as text. */
const LISTED_BYTES = 64;

const signatures = {
  attune_open_fork_server: { args: ['ptr'], returns: 'i32' },
  attune_ask_fork_server: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
  attune_open_at: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  attune_make_directory_at: { args: ['i32', 'ptr'], returns: 'i32' },
  attune_rename_at: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  attune_remove_at: { args: ['i32', 'ptr'], returns: 'i32' },
  attune_list: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  attune_stat: { args: ['ptr', 'i32', 'ptr'], returns: 'i32' },
  attune_may_access: { args: ['ptr', 'ptr', 'u32', 'u32', 'i32'], returns: 'i32' },
  attune_has_default_list: { args: ['ptr'], returns: 'i32' },
  attune_list_connections: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  attune_end_connection: { args: ['i32'], returns: 'i32' },
  attune_forget_file_pages: { args: [], returns: 'void' },
} as const;

/**
 * Finds the native functions of the static file. The error says why they cannot be called: run from source, or a
 * policy that refuses executable memory.
 */
export const openNative: () => Result<NativeFunctions, string> = lazy(() => {
  try {
    const { symbols } = dlopen('attune:native', signatures);
    const stated = new Float64Array(6);
    const listed = lazy(() => new Uint8Array(MOST_LISTED * LISTED_BYTES));
    return success({
      forkServer: {
        open: () => {
          const ends = new Int32Array(2);
          const error = symbols.attune_open_fork_server(ptr(ends));
          const [own = -1, given = -1] = ends;
          return error === 0 ? success({ own, given }) : failure(error);
        },
        ask: ({ socket, pid }) => {
          const end = new Int32Array(1);
          const error = symbols.attune_ask_fork_server(socket, pid, ptr(end));
          return error === 0 ? success(end[0] ?? -1) : failure(error);
        },
      },
      at: {
        openAt: (directory, name, flags) => symbols.attune_open_at(directory, textOf(name), flags),
        makeDirectoryAt: (directory, name) => symbols.attune_make_directory_at(directory, textOf(name)),
        renameAt: (directory, from, to) => symbols.attune_rename_at(directory, textOf(from), textOf(to)),
        removeAt: (directory, name) => symbols.attune_remove_at(directory, textOf(name)),
        list: (directory, entries) => symbols.attune_list(directory, ptr(entries), entries.length),
      },
      stat: (path, followsLinks) => {
        const error = symbols.attune_stat(textOf(path), followsLinks ? 1 : 0, ptr(stated));
        const [dev = 0, ino = 0, mode = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = stated;
        return error === 0 ? { dev, ino, mode, size, mtimeMs, ctimeMs } : undefined;
      },
      access: {
        mayAccess: (directory, name, { uid, gid, mode }) =>
          symbols.attune_may_access(textOf(directory), textOf(name), uid, gid, mode),
        hasDefaultList: (directory) => symbols.attune_has_default_list(textOf(directory)) === 1,
      },
      connections: {
        list: (port) => {
          const count = symbols.attune_list_connections(port, ptr(listed()), MOST_LISTED);
          return count < 0
            ? failure(-count)
            : success(Array.from({ length: count }, (_, n) => connectionAt(listed(), n)));
        },
        end: (descriptor) => void symbols.attune_end_connection(descriptor),
      },
      forgetFilePages: () => symbols.attune_forget_file_pages(),
    });
  } catch (error) {
    return failure(messageOf(error));
  }
});

function connectionAt(bytes: Uint8Array, n: number): AcceptedConnection {
  const one = bytes.subarray(n * LISTED_BYTES, (n + 1) * LISTED_BYTES);
  const numbers = new DataView(one.buffer, one.byteOffset, 8);
  const text = one.subarray(8);
  const address = new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
  return { descriptor: numbers.getInt32(0, true), port: numbers.getInt32(4, true), address };
}

/** Text as C reads it. A name with a zero byte would mean another one. */
function textOf(name: string): Uint8Array {
  if (name.includes('\0')) throw new Error('a name of a file has no zero byte');
  return new TextEncoder().encode(`${name}\0`);
}
