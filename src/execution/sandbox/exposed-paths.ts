import { accessSync, chmodSync, constants, existsSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '#domain/errors.ts';
import { realPath } from '#execution/process/real-path.ts';
import type { ExecutionUser } from './users.ts';

const STICKY = 0o1000;

/**
 * Says by which directory the users of executions could put something of their own in the place of what the agent has in
 * `path`, and how to mend that; undefined if they cannot. Where the agent owns `path` itself, it mends that itself, by
 * the sticky bit: a volume of Kubernetes is writable to everybody.
 */
export function describeExposure(path: string, users: readonly ExecutionUser[]): string | undefined {
  if (users.length === 0) return undefined;
  const own = process.getuid?.() ?? 0;
  const itself = realPath(path);
  let entry = { uid: own };
  for (const directory of aboveAndItself(nearestExisting(itself))) {
    const stat = statSync(directory);
    const isMended = stat.uid === own && directory === itself && isOpen(stat, users) && mend(directory, stat);
    if (!isMended && mayReplace(stat, entry, users) && !isReadOnly(directory))
      return `actions could put something else in the place of what is in ${directory} (mode ${modeOf(stat)}, owner ${stat.uid}): ${adviceFor(directory, stat, users)}`;
    entry = stat;
  }
  return undefined;
}

/** What is not there yet is made by the agent, and nobody else may write to it. */
function nearestExisting(path: string): string {
  return path === '/' || existsSync(path) ? path : nearestExisting(dirname(path));
}

function aboveAndItself(path: string): readonly string[] {
  return path === '/' ? [path] : [path, ...aboveAndItself(dirname(path))];
}

/** Whoever may write to a directory may rename what is in it; with the sticky bit, only what is his, or all in his own. */
function mayReplace(stat: Stats, entry: { readonly uid: number }, users: readonly ExecutionUser[]): boolean {
  const isOf = (uid: number): boolean => users.some((user) => user.uid === uid);
  return isOf(stat.uid) || (isOpen(stat, users) && ((stat.mode & STICKY) === 0 || isOf(entry.uid)));
}

function isOpen({ mode, gid }: Stats, users: readonly ExecutionUser[]): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && users.some((user) => user.gid === gid));
}

function mend(directory: string, { mode }: Stats): boolean {
  try {
    if ((mode & STICKY) === 0) chmodSync(directory, (mode & 0o7777) | STICKY);
    return true;
  } catch {
    return false;
  }
}

/** What is mounted read-only is safe, whatever its mode. */
function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (error) {
    return codeOf(error) === 'EROFS';
  }
}

function adviceFor(directory: string, stat: Stats, users: readonly ExecutionUser[]): string {
  return users.some((user) => user.uid === stat.uid) ? `chown root ${directory}` : `chmod +t ${directory}`;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
