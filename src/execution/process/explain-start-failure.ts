import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { EHDR, EHDR_BYTES, ELF_MAGIC, EM, PHDR, PHDR_BYTES, PT } from '#formats/elf-layout.ts';

const elfMachines: Readonly<Record<number, string>> = {
  3: 'i386',
  40: 'arm',
  [EM.X86_64]: 'x86_64',
  [EM.AARCH64]: 'aarch64',
  243: 'riscv64',
  21: 'ppc64',
  22: 's390x',
};
const ownMachine = process.arch === 'arm64' ? EM.AARCH64 : EM.X86_64;
const HEAD_BYTES = 8192;

interface FailedStart {
  /** Program by absolute path, then its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
}

/** Says in words why the kernel refused to start a program with the error `code`, looking at the file itself. */
export function explainStartFailure({ command, cwd }: FailedStart, code: string): string {
  const [program = ''] = command;
  if (code === 'E2BIG') return 'its environment and arguments are larger than the kernel accepts (E2BIG)';
  if (code === 'EAGAIN' || code === 'ENOMEM')
    return `no process or memory to spare (${code}): check the limits on pids and memory`;
  if (code === 'EMFILE' || code === 'ENFILE') return `no descriptor to spare (${code}): check the limit on open files`;
  const closed = describeClosedDirectory(cwd);
  if (closed !== undefined) return closed;
  if (isDirectory(program)) return `${program} is a directory`;
  const unusable = describeUnusableProgram(program);
  if (unusable !== undefined) return unusable;
  if (code === 'ENOEXEC') return describeUnknownFormat(program);
  if (code === 'EACCES') return `its user may not start ${program}, or not enter the working directory ${cwd} (EACCES)`;
  return `${program} could not be started (${code})`;
}

/** Describes why this user cannot work in a directory. Undefined if nothing was found. */
function describeClosedDirectory(path: string): string | undefined {
  try {
    accessSync(`${path}/.`, constants.X_OK);
    return undefined;
  } catch (error) {
    const isClosed = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return isClosed
      ? `the working directory ${path} may not be entered by user ${process.getuid?.()}: start it in another`
      : `the working directory ${path} does not exist`;
  }
}

/**
 * Describes what keeps a file from being run on this machine: a wrong processor, a missing loader or shebang. Undefined
 * if nothing was found.
 */
export function describeUnusableProgram(path: string): string | undefined {
  if (!path.includes('/')) return `there is no program '${path}' on PATH`;
  if (!existsSync(path)) return `${path} does not exist`;
  if ((statSync(path).mode & 0o111) === 0) return `${path} is not executable (chmod +x)`;
  const head = readHead(path);
  if (!head) return undefined;
  if (head.length >= 4 && head.readUInt32BE() === ELF_MAGIC) return describeElf(path, head);
  if (head.subarray(0, 2).toString('latin1') === '#!') return describeShebang(path, head);
  return undefined;
}

function describeElf(path: string, head: Buffer): string | undefined {
  if (head.length < EHDR_BYTES) return `${path} is a damaged program of ${head.length} bytes`;
  const machine = head.readUInt16LE(EHDR.e_machine);
  if (machine !== ownMachine)
    return `${path} is a program for ${elfMachines[machine] ?? `machine ${machine}`}, this machine is ${elfMachines[ownMachine]}`;
  const loader = elfLoader(head);
  return loader && !existsSync(loader) ? `${path} needs the loader ${loader}, which is not there` : undefined;
}

/** The path in PT_INTERP, where it lies within the first bytes of the file. */
function elfLoader(head: Buffer): string | undefined {
  const table = Number(head.readBigUInt64LE(EHDR.e_phoff));
  const count = head.readUInt16LE(EHDR.e_phnum);
  for (let at = table; at < table + count * PHDR_BYTES && at + PHDR_BYTES <= head.length; at += PHDR_BYTES) {
    if (head.readUInt32LE(at + PHDR.p_type) !== PT.INTERP) continue;
    const offset = Number(head.readBigUInt64LE(at + PHDR.p_offset));
    const bytes = Number(head.readBigUInt64LE(at + PHDR.p_filesz));
    return offset + bytes <= head.length ? head.toString('latin1', offset, offset + bytes - 1) : undefined;
  }
  return undefined;
}

/** What the kernel takes for no program: neither one of this machine nor a script that names its interpreter. */
function describeUnknownFormat(path: string): string {
  const hasMark = readHead(path)?.subarray(0, 3).equals(Buffer.from('\ufeff'));
  return hasMark
    ? `${path} begins with a byte order mark, so that its first line names no interpreter: save it as UTF-8 without one`
    : `${path} is no program of this machine, and no script whose first line names an interpreter (#!/bin/sh)`;
}

function describeShebang(path: string, head: Buffer): string | undefined {
  const line = head.toString('utf8').split('\n', 1)[0] ?? '';
  if (line.endsWith('\r'))
    return `${path} has the line ends of Windows (CRLF), which the kernel takes for a part of the name of its interpreter: save it with LF`;
  const interpreter = line.slice(2).trim().split(/\s/, 1)[0] ?? '';
  return interpreter !== '' && !existsSync(interpreter)
    ? `${path} needs ${interpreter} (its first line), which is not there`
    : undefined;
}

function readHead(path: string): Buffer | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; /* unreadable is not unusable: 0111 programs run */
  }
}

/** Says no as well of what this user cannot look at. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
