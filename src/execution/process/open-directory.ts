import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  write,
} from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { getSystemErrorName, promisify } from 'node:util';
import { codeOf } from '#domain/errors.ts';
import { lazy } from '#domain/lazy.ts';
import type { DirectoryEntry, EntryKind, OpenDirectory, OpenFile } from '#domain/open-directory.ts';
import { type DirectoryCalls, openNative } from '#execution/native/native.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const { EXDEV } = systemConstants.errno;
const CHUNK_BYTES = 256 * 1024;

/** Opens a directory, and says who owns it. Its own name must not be a link; throws errors of the system. */
export function openDirectory(path: string): OpenDirectory {
  return directoryOf(openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
}

function directoryOf(directory: number): OpenDirectory {
  const at = calls();
  const open = (name: string, flags: number): number => {
    if (name.includes('/') || name === '..') throw refusal(`'${name}' leads out of its directory`, 'EXDEV');
    return checked(at.openAt(directory, name, flags), name);
  };
  const openInner = (name: string): OpenDirectory => directoryOf(open(name, O_RDONLY | O_DIRECTORY));
  return {
    list: (most = Number.POSITIVE_INFINITY) => {
      const found = at.list(directory, most).slice(0, most);
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    openDirectory: openInner,
    makeDirectory: (name) => {
      const made = at.makeDirectoryAt(directory, name);
      if (made < 0 && getSystemErrorName(made) !== 'EEXIST') checked(made, name);
      return openInner(name);
    },
    openFile: (name) => fileOf(open(name, O_RDONLY | O_NONBLOCK), name),
    createFile: (name) => fileOf(open(name, O_WRONLY | O_CREAT | O_EXCL), name),
    rename: (from, to) => void checked(at.renameAt(directory, from, to), from),
    remove: (name) => void checked(at.removeAt(directory, name), name),
    [Symbol.dispose]: () => closeSync(directory),
  };
}

function fileOf(file: number, name: string): OpenFile {
  const stat = fstatSync(file);
  if (!stat.isFile()) {
    closeSync(file);
    throw refusal(`${name} is no regular file`, 'EINVAL');
  }
  return {
    bytes: stat.size,
    owner: stat.uid,
    read: (range = { from: 0, to: stat.size }) => streamOf(file, range),
    write: async (bytes) => {
      for (let done = 0; done < bytes.length; )
        done += (await writeSome(file, bytes, done, bytes.length - done, null)).bytesWritten;
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

const readSome = promisify(read);
const writeSome = promisify(write);

function streamOf(
  file: number,
  { from, to }: { readonly from: number; readonly to: number },
): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream({
    pull: async (controller) => {
      const wanted = Math.min(CHUNK_BYTES, to - at);
      const buffer = new Uint8Array(Math.max(wanted, 0));
      const { bytesRead } = wanted > 0 ? await readSome(file, buffer, 0, wanted, at) : { bytesRead: 0 };
      at += bytesRead;
      if (bytesRead === 0) controller.close();
      else controller.enqueue(buffer.subarray(0, bytesRead));
    },
  });
}

interface Calls extends Omit<DirectoryCalls, 'list'> {
  /** The entries of a directory that was just opened: at least `most`, or all. */
  list(directory: number, most: number): readonly DirectoryEntry[];
}

const calls = lazy((): Calls => {
  const native = openNative();
  if (!native.ok) return callsByProc;
  const at = { ...native.value.at, openAt: openByEither(native.value.at) };
  return { ...at, list: (directory, most) => listOf(directory, at, most) };
});

/** Opens a name by openat2, or where the kernel does not know it or a policy refuses it, by /proc. */
function openByEither({ openAt }: DirectoryCalls): DirectoryCalls['openAt'] {
  return (directory, name, flags) => {
    const file = openAt(directory, name, flags);
    const isRefused = file < 0 && ['ENOSYS', 'EPERM'].includes(getSystemErrorName(file));
    return isRefused ? callsByProc.openAt(directory, name, flags) : file;
  };
}

/**
 * The calls by the names that /proc gives to descriptors, where native functions cannot be called: they lead to the very
 * directory that is open, and O_NOFOLLOW is for the name behind them.
 */
const callsByProc: Calls = {
  openAt: (directory, name, flags) => errorNumber(() => openInMount(directory, name, flags)),
  makeDirectoryAt: (directory, name) => errorNumber(() => mkdirSync(inProc(directory, name), 0o755)),
  renameAt: (directory, from, to) => errorNumber(() => renameSync(inProc(directory, from), inProc(directory, to))),
  removeAt: (directory, name) => errorNumber(() => unlinkSync(inProc(directory, name))),
  list: (directory) =>
    readdirSync(`/proc/self/fd/${directory}`, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: kindOf(entry),
    })),
};

/** Opens a name that leads into no other mount, as openat2 does by RESOLVE_NO_XDEV. */
function openInMount(directory: number, name: string, flags: number): number {
  const file = openSync(inProc(directory, name), flags | O_NOFOLLOW, 0o644);
  if (isSameMount(directory, file)) return file;
  closeSync(file);
  throw Object.assign(new Error(`${name} is a mount`), { code: 'EXDEV', errno: EXDEV });
}

/**
 * Tells whether two open files are in one mount, as /proc tells since Linux 3.15. Where it does not, it compares their
 * devices, which do not tell a file system from itself at another place.
 */
function isSameMount(one: number, other: number): boolean {
  const [mount, otherMount] = [mountOf(one), mountOf(other)];
  if (mount !== undefined && otherMount !== undefined) return mount === otherMount;
  return fstatSync(one).dev === fstatSync(other).dev;
}

function mountOf(file: number): string | undefined {
  try {
    return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function inProc(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function errorNumber(call: () => unknown): number {
  try {
    const result = call();
    return typeof result === 'number' ? result : 0;
  } catch (error) {
    const number = (error as { readonly errno?: unknown }).errno; /* every error of node:fs has it */
    if (typeof number === 'number' && codeOf(error) !== undefined) return -Math.abs(number);
    throw error;
  }
}

/** Where struct linux_dirent64 has its members, and what it calls the kinds of entries. */
const DIRENT = { length: 16, type: 18, name: 19 } as const;
const UNKNOWN = 0;
const kinds: Readonly<Record<number, EntryKind>> = { 4: 'directory', 8: 'file' };

/** Where the kernel writes entries, which are read before anybody else lists a directory. */
const listed = lazy(() => Buffer.alloc(CHUNK_BYTES));

function listOf(directory: number, at: DirectoryCalls, most: number): readonly DirectoryEntry[] {
  const found: DirectoryEntry[] = [];
  const entries = listed();
  while (found.length < most) {
    const bytes = checked(at.list(directory, entries), 'a directory');
    if (bytes === 0) break;
    for (const { name, type } of direntsIn(entries.subarray(0, bytes)))
      found.push({ name, kind: type === UNKNOWN ? askKind(directory, name, at) : (kinds[type] ?? 'other') });
  }
  return found;
}

function* direntsIn(entries: Buffer): Generator<{ readonly name: string; readonly type: number }> {
  for (let at = 0; at < entries.length; at += entries.readUInt16LE(at + DIRENT.length)) {
    const start = at + DIRENT.name;
    const name = entries.toString('utf8', start, entries.indexOf(0, start));
    if (name !== '.' && name !== '..') yield { name, type: entries[at + DIRENT.type] ?? UNKNOWN };
  }
}

/** Some file systems do not say what an entry is. */
function askKind(directory: number, name: string, at: DirectoryCalls): EntryKind {
  const file = at.openAt(directory, name, O_RDONLY | O_NONBLOCK);
  if (file < 0) return 'other';
  const kind = kindOf(fstatSync(file));
  closeSync(file);
  return kind;
}

function kindOf(entry: { isDirectory(): boolean; isFile(): boolean }): EntryKind {
  if (entry.isDirectory()) return 'directory';
  return entry.isFile() ? 'file' : 'other';
}

function checked(answer: number, name: string): number {
  if (answer >= 0) return answer;
  const code = getSystemErrorName(answer);
  throw refusal(code === 'ELOOP' ? `${name} is a link` : `${name}: ${code}`, code);
}

function refusal(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
