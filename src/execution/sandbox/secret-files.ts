import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '#domain/errors.ts';
import { realPath } from '#execution/process/real-path.ts';
import { kernelLetsRead, kernelLetsWrite } from '#execution/process/user-access.ts';
import type { ExecutionUser } from './users.ts';

/** What is done about files with secrets of the agent that executions could read. */
export interface SecretFiles {
  /** The files, or directories with them, that the sandbox hides. */
  readonly hidden: readonly string[];
  /** A sentence about each that cannot be hidden, with what mends it. */
  readonly exposed: readonly string[];
}

interface Surroundings {
  /** The users as which executions run; none: that of the agent. */
  readonly users: readonly ExecutionUser[];
  readonly home: string | undefined;
  /** Finds out why this container cannot hide files at all; undefined if it can. */
  readonly problem: () => string | undefined;
}

/**
 * Decides about each file that holds a secret of the agent: executions cannot read it, or the sandbox hides it, or it
 * is exposed. What is hidden takes with it all that is made later in the directories above it, so a file below a
 * directory in which executions make files cannot be hidden.
 */
export function examineSecretFiles(paths: readonly string[], surroundings: Surroundings): SecretFiles {
  const hidden = new Set<string>();
  const exposed: string[] = [];
  for (const path of new Set(paths)) {
    const place = placeOf(path);
    if (!mayRead(path, surroundings.users)) continue;
    const why = surroundings.problem() ?? describeBusyAbove(place, surroundings);
    if (why === undefined) hidden.add(place);
    else exposed.push(`${path} can be read by actions, and cannot be hidden from them: ${why}`);
  }
  return { hidden: [...hidden], exposed };
}

/** The file; where its name is a link, as in volumes of Kubernetes, the directory in which its successors appear. */
function placeOf(path: string): string {
  const directory = realPath(dirname(path));
  const place = realPath(path);
  return place === join(directory, basename(path)) ? place : directory;
}

function mayRead(path: string, users: readonly ExecutionUser[]): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const { mode, uid, gid } = stat;
  if (users.length === 0 || (mode & 0o004) !== 0) return true;
  return users.some(
    (user) =>
      ((mode & 0o400) !== 0 && uid === user.uid) ||
      ((mode & 0o040) !== 0 && (gid === user.gid || kernelLetsRead(user, realPath(path)))),
  );
}

function describeBusyAbove(path: string, surroundings: Surroundings): string | undefined {
  const directory = dirname(path);
  const why = describeBusy(directory, surroundings);
  if (why !== undefined) return why;
  return directory === '/' ? undefined : describeBusyAbove(directory, surroundings);
}

function describeBusy(directory: string, { users, home }: Surroundings): string | undefined {
  const advice = 'put it into a directory of its own below /run, as secrets of containers are';
  try {
    const stat = statSync(directory);
    accessSync(directory, constants.R_OK);
    if (directory !== home && !mayMake(directory, stat, users)) return undefined;
    return `actions make files in ${directory}, which they could not read any more: ${advice}`;
  } catch (error) {
    return `${messageOf(error)}: ${advice}`;
  }
}

/** Root may write anywhere, and does it seldom: only what is open to everybody counts for it. */
function mayMake(directory: string, { mode, uid, gid }: Stats, users: readonly ExecutionUser[]): boolean {
  if (users.length > 0)
    return (
      (mode & 0o002) !== 0 ||
      users.some(
        (user) => uid === user.uid || ((mode & 0o020) !== 0 && (gid === user.gid || kernelLetsWrite(user, directory))),
      )
    );
  return process.getuid?.() === 0 ? (mode & 0o002) !== 0 : isWritable(directory);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
