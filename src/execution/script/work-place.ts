import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
import { isWritable, writableHome } from '#execution/process/writable-home.ts';

/** The directories in which this container lets executions write. They are found once, for all executions. */
export interface WorkPlace {
  /** The directory in which all of it is. */
  readonly root: string;
  /** Outlives executions: caches of compilers. Private to this user. */
  readonly cache: string;
  /** The directory in which the dependencies of packs are installed. */
  readonly environments: string;
  /** True if HOME names a directory that the agent can write to. */
  readonly hasHome: boolean;
  /** A new private directory; throws when the place has been lost since (a full disk). */
  createDirectory(): WorkDirectory;
  /** Removes the private directories of agents that were killed; returns how many. */
  removeAbandoned(): Promise<number>;
}

/** A private directory (0700) of one execution, removed with all that is in it. */
export interface WorkDirectory extends Disposable {
  readonly path: string;
  /** The directory that the execution's programs get as TMPDIR. */
  readonly temporary: string;
  /** The directory to which artifacts go, unless they shall stay. */
  readonly artifacts: string;
}

/**
 * Finds the work place: the preferred directory where there is one, else the first writable of the usual ones, where
 * those that allow execution come before others, since compilers run what they write there. The error says what was
 * tried.
 */
export function findWorkPlace(
  env: ProcessEnv,
  {
    work_dir: preferred,
    runtime_envs_dir: environments,
    worker: { execution_user: user } = { execution_user: undefined },
  }: {
    readonly work_dir?: string | undefined;
    readonly runtime_envs_dir?: string | undefined;
    readonly worker?: { readonly execution_user?: unknown };
  },
): Result<WorkPlace, string> {
  const usual = [env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm', '/run', process.cwd()];
  const candidates = preferred === undefined ? executableFirst(usual) : [preferred];
  const place = candidates.find((one) => isAbsolute(one) && isWritable(one));
  if (place === undefined) {
    const tried = candidates.join(', ');
    return failure(
      `no writable directory for temporary files (tried ${tried}): mount one and set ATTUNE_WORK_DIR or TMPDIR`,
    );
  }
  const cache = cacheIn(place);
  /* Others may pass to what they know the name of. */
  if (user !== undefined) chmodSync(cache, 0o711);
  const prefix = `attune-${processMark()}-`;
  return success({
    root: place,
    cache,
    environments: environments ?? join(cache, 'runtime_envs'),
    hasHome: writableHome(env) !== undefined,
    createDirectory: () => createDirectory(place, prefix),
    removeAbandoned: () => removeAbandoned(place),
  });
}

function executableFirst(places: readonly (string | undefined)[]): readonly string[] {
  const absolute = [...new Set(places)].flatMap((place) => (place !== undefined && isAbsolute(place) ? [place] : []));
  const isNoexec = noexecMounts();
  return absolute.toSorted((a, b) => Number(isNoexec(a)) - Number(isNoexec(b)));
}

function createDirectory(place: string, prefix: string): WorkDirectory {
  const path = mkdtempSync(join(place, prefix));
  const temporary = join(path, 'tmp');
  const artifacts = join(path, 'artifacts');
  mkdirSync(temporary);
  mkdirSync(artifacts);
  return { path, temporary, artifacts, [Symbol.dispose]: () => removeAll(path, [temporary, artifacts]) };
}

/** Removes the directories of processes that have ended, which their names identify, and returns how many there were. */
async function removeAbandoned(place: string): Promise<number> {
  const names = readdirSync(place).filter((name) =>
    hasMarkEnded(/^attune-([0-9a-f]{8}-\d+-\d+)-/.exec(name)?.[1] ?? ''),
  );
  const uid = process.getuid?.() ?? 0;
  const own = names
    .map((name) => join(place, name))
    /* As root those of execution_user too: the mark in their names is that of an agent of this machine. */
    .filter((path) => uid === 0 || lstatSync(path, { throwIfNoEntry: false })?.uid === uid);
  for (const path of own)
    await rm(path, { recursive: true, force: true }).catch(() => {}); /* as at the end of an execution */
  return own.length;
}

/** Most executions leave nothing behind: three calls remove that, a walk through the tree is for the others. */
function removeAll(path: string, inner: readonly string[]): void {
  try {
    for (const directory of [...inner, path]) rmdirSync(directory);
  } catch {
    remove(path);
  }
}

/** What cannot be removed (an action took its own permissions away) stays; it must not turn a result into an error. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    return;
  }
}

/** A directory that somebody else has put there is not used: a new one of our own is. */
function cacheIn(place: string): string {
  const uid = process.getuid?.() ?? 0;
  const path = join(place, `attune-cache-${uid}`);
  mkdirSync(path, { mode: 0o700, recursive: true });
  const stat = lstatSync(path);
  const isOurs = stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0;
  return isOurs ? path : mkdtempSync(join(place, 'attune-cache-'));
}

/**
 * Makes a function that tells whether a path lies on a mount with `noexec`; without /proc nothing is known, and the
 * answer is no.
 */
function noexecMounts(): (path: string) => boolean {
  const mounts = readMounts();
  return (path) => {
    const above = mounts.filter(({ point }) => `${path}/`.startsWith(point === '/' ? '/' : `${point}/`));
    return above.toSorted((a, b) => a.point.length - b.point.length).at(-1)?.isNoexec ?? false;
  };
}

function readMounts(): readonly { readonly point: string; readonly isNoexec: boolean }[] {
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
    return lines.map((line) => {
      const [, , , , point = '', options = ''] = line.split(' ');
      return { point, isNoexec: options.split(',').includes('noexec') };
    });
  } catch {
    return [];
  }
}
