import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { signatureOptions } from '#cli/options.ts';
import { required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { requireSignature } from '#cli/wiring/signed.ts';
import { createSha256 } from '#crypto/sha256.ts';
import { codeOf, messageOf } from '#domain/errors.ts';

const NAME = 'attune-agent';
const MODE = 0o755;
const CHUNK_BYTES = 1024 * 1024;

export const verb = defineVerb({
  details:
    'Whoever looks there sees the old file or the whole new one, never a part of it. Nothing is written when the file there is up to date. An init container fills a volume with it.',
  arguments: {
    directory: required(
      'directory',
      'Directory that gets the file attune-agent, mode 0755; it is made if it is absent',
    ),
  },
  options: signatureOptions('this program'),
  examples: [['attune-agent install /opt/attune/agent', 'Makes /opt/attune/agent/attune-agent']],
  action: async ({ directory }, { publicKey, signature }, { env }) => {
    const target = join(resolve(directory), NAME);
    try {
      const source = ownFile();
      const key = publicKey ?? env['ATTUNE_AGENT_PUBLIC_KEY'];
      await requireSignature(source, { publicKey: key, signature }, process.execPath);
      mkdirSync(directory, { recursive: true });
      const digest = copyInto(source, undefined);
      if (isUpToDate(target, digest)) {
        await write(process.stdout, `${target} is up to date (sha256 ${digest})\n`);
        return EXIT.success;
      }
      replace(source, target, digest);
      await write(process.stdout, `installed ${target} (sha256 ${digest})\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`cannot install into ${directory}: ${explain(error)}`);
      return EXIT.failure;
    }
  },
});

/**
 * The path of the running file. By /proc it is the right one even if the file was moved or replaced; without /proc it
 * is found by its name.
 */
function ownFile(): string {
  return existsSync('/proc/self/exe') ? '/proc/self/exe' : process.execPath;
}

/** Tells whether the file is there already, and makes it executable. A link in its place is none, wherever it leads. */
function isUpToDate(target: string, digest: string): boolean {
  if (!lstatSync(target, { throwIfNoEntry: false })?.isFile()) return false;
  const file = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile() || copyFrom(file, undefined) !== digest) return false;
    fchmodSync(file, MODE);
    return true;
  } finally {
    closeSync(file);
  }
}

function replace(source: string, target: string, digest: string): void {
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'wx', MODE);
    try {
      const copied = copyInto(source, file);
      if (copied !== digest) throw new Error(`the copy has checksum ${copied}, expected ${digest}`);
      fchmodSync(file, MODE);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
    syncDirectory(resolve(target, '..'));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Reads a whole file, copies it to the descriptor `out` if given, and returns its SHA-256 in hexadecimal. */
function copyInto(path: string, out: number | undefined): string {
  const file = openSync(path, 'r');
  try {
    return copyFrom(file, out);
  } finally {
    closeSync(file);
  }
}

function copyFrom(file: number, out: number | undefined): string {
  const hash = createSha256();
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
    const chunk = buffer.subarray(0, bytes);
    hash.add(chunk);
    for (let done = 0; out !== undefined && done < bytes; ) done += writeSync(out, chunk, done);
  }
  return hash.hex();
}

function syncDirectory(directory: string): void {
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system is full: the volume needs room for about 110 MB',
  EROFS: 'the file system is read-only: mount the volume writable in the init container',
  EACCES: 'no permission: run as a user that may write there, or set fsGroup',
  EPERM: 'no permission: run as a user that may write there, or set fsGroup',
  ENOTDIR: 'it is not a directory',
  EEXIST: 'it is not a directory',
  EISDIR: `${NAME} is a directory there: remove it`,
};

function explain(error: unknown): string {
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  return advice[code] ?? message;
}
