import { accessSync, chmodSync, constants, existsSync, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '#domain/errors.ts';
import { followLinks } from '#execution/process/real-path.ts';
import { hasDefaultList, kernelLetsWrite } from '#execution/process/user-access.ts';
import type { ExecutionUser } from './users.ts';

const STICKY = 0o1000;

/**
 * Says by which directory the users of executions could put something of their own in the place of what the agent has in
 * `path`, and how to mend that; undefined if they cannot. Where the agent owns `path` itself, it mends that itself, by
 * the sticky bit: a volume of Kubernetes is writable to everybody.
 */
export function describeExposure(path: string, users: readonly ExecutionUser[]): string | undefined {
  if (users.length === 0) return undefined;
  const { path: itself, links } = followLinks(path);
  for (const link of links) {
    const exposed = describeEntry({ above: dirname(link), link }, users);
    if (exposed !== undefined) return exposed;
  }
  const above = nearestExisting(itself);
  if (hasDefaultList(above))
    return `what the agent makes in ${above} would get its default access control list, which gives rights to others: setfacl -k ${above}`;
  return describeEntry({ above, itself }, users);
}

interface Entry {
  /** The directory that it is in, or is. */
  readonly above: string;
  /** The link that it is. */
  readonly link?: string;
  /** The directory of the agent that it mends, where that is its own. */
  readonly itself?: string;
}

/** Says by which directory users could put something else in the place of an entry, which has no links above it. */
function describeEntry({ above, link, itself }: Entry, users: readonly ExecutionUser[]): string | undefined {
  const own = process.getuid?.() ?? 0;
  let entry = { uid: link === undefined ? own : lstatSync(link).uid, path: link };
  for (const directory of aboveAndItself(above)) {
    const stat = statSync(directory);
    const isOpen = mayWrite(directory, stat, users);
    const isMended = isOpen && stat.uid === own && directory === itself && mend(directory, stat);
    if (!isMended && mayReplace({ stat, isOpen }, entry, users) && !isReadOnly(directory))
      return `actions could put something else in the place of what is in ${directory} (mode ${modeOf(stat)}, owner ${stat.uid}): ${adviceFor({ directory, stat, entry: entry.path }, users)}`;
    entry = { uid: stat.uid, path: directory };
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
function mayReplace(
  { stat, isOpen }: { readonly stat: Stats; readonly isOpen: boolean },
  entry: { readonly uid: number },
  users: readonly ExecutionUser[],
): boolean {
  const isOf = (uid: number): boolean => users.some((user) => user.uid === uid);
  return isOf(stat.uid) || (isOpen && ((stat.mode & STICKY) === 0 || isOf(entry.uid)));
}

/**
 * Tells whether a user may write to a directory, by its mode and by what the kernel says: an access control list shows in
 * the mode only that there may be one.
 */
function mayWrite(directory: string, { mode, gid }: Stats, users: readonly ExecutionUser[]): boolean {
  if ((mode & 0o002) !== 0) return true;
  return (mode & 0o020) !== 0 && users.some((user) => user.gid === gid || kernelLetsWrite(user, directory));
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

interface Exposed {
  readonly directory: string;
  readonly stat: Stats;
  /** What is in it that belongs to the agent, where it is there. */
  readonly entry: string | undefined;
}

function adviceFor({ directory, stat, entry }: Exposed, users: readonly ExecutionUser[]): string {
  if (users.some((user) => user.uid === stat.uid)) return `chown root ${directory}`;
  return (stat.mode & STICKY) === 0 || entry === undefined ? `chmod +t ${directory}` : `chown -h root ${entry}`;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
