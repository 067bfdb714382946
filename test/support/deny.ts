import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './call.ts';
import { cacheDirectory } from './root-file-systems.ts';

const EPERM = 1;
const ENOSYS = 38;

/** System calls by number, of x86-64. */
export const SOCKET = 41;
export const CLONE3 = 435;
export const OPENAT2 = 437;
/** What gVisor and other engines with a kernel of their own do not have, among what a runtime may try. */
const LACKING = [298, 303, 310, 311, 323, 324, 326, 334, 424, 425, 426, 427, 434, 435, 436, 437, 444, 445, 446, 447];

/** A command under a seccomp filter that forbids these. */
export function forbidding(numbers: readonly number[], command: readonly string[]): readonly string[] {
  return [program('deny'), String(EPERM), ...numbers.map(String), '--', ...command];
}

/** A command on a kernel that does not know the newer system calls. */
export function onSubset(command: readonly string[]): readonly string[] {
  return lacking(LACKING, command);
}

/** A command on a kernel that does not know these. */
export function lacking(numbers: readonly number[], command: readonly string[]): readonly string[] {
  return [program('deny'), String(ENOSYS), ...numbers.map(String), '--', ...command];
}

/** A command under a policy that gives it no executable memory, as SELinux can. */
export function withoutExecutableMemory(command: readonly string[]): readonly string[] {
  return [program('refuse-executable-memory'), ...command];
}

const built = new Map<string, string>();

function program(name: string): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  mkdirSync(cacheDirectory, { recursive: true });
  const path = join(cacheDirectory, name);
  const unfinished = `${path}.${process.pid}`;
  const { exitCode, stderr } = call(['gcc', '-O1', '-static', '-o', unfinished, join(import.meta.dir, `${name}.c`)]);
  if (exitCode !== 0 || !existsSync(unfinished)) throw new Error(stderr);
  renameSync(unfinished, path);
  built.set(name, path);
  return path;
}
