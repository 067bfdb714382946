import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import type { Environment } from '#domain/runtime.ts';

/** A private directory (0700) of one execution, removed with all that is in it. */
export interface WorkDirectory extends Disposable {
  readonly path: string;
  /** What the execution's programs get as TMPDIR. */
  readonly temporary: string;
  /** Outlives the execution: caches of compilers. */
  readonly cache: string;
}

/**
 * Makes one where this container lets us: places that allow execution first, since compilers run what they write there.
 * The error says what was tried.
 */
export function createWorkDirectory(env: Environment): Result<WorkDirectory, string> {
  const places = [env['ATTUNE_WORK_DIR'], env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm', '/run', process.cwd()];
  const noexec = noexecMounts();
  const absolute = [...new Set(places)].flatMap((place) => (place !== undefined && isAbsolute(place) ? [place] : []));
  const candidates = absolute.toSorted((a, b) => Number(noexec(a)) - Number(noexec(b)));
  for (const place of candidates) {
    const path = tryMake(place);
    if (path === undefined) continue;
    const temporary = join(path, 'tmp');
    mkdirSync(temporary);
    return success({
      path,
      temporary,
      cache: cacheIn(place) ?? path,
      [Symbol.dispose]: () => remove(path),
    });
  }
  return failure(
    `no writable directory for temporary files (tried ${candidates.join(', ')}): mount one and set ATTUNE_WORK_DIR or TMPDIR`,
  );
}

function tryMake(place: string): string | undefined {
  try {
    return mkdtempSync(join(place, 'attune-'));
  } catch {
    return undefined;
  }
}

/** Shared by the executions of this user only: a directory that somebody else has put there is not used. */
function cacheIn(place: string): string | undefined {
  const uid = process.getuid?.() ?? 0;
  const path = join(place, `attune-cache-${uid}`);
  try {
    mkdirSync(path, { mode: 0o700, recursive: true });
    const stat = lstatSync(path);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0 ? path : undefined;
  } catch {
    return undefined;
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

/** Whether a path lies on a mount with `noexec`; without /proc nothing is known, and nothing is said. */
function noexecMounts(): (path: string) => boolean {
  const mounts = readMounts();
  return (path) => {
    const home = mounts
      .filter(({ point }) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
      .toSorted((a, b) => a.point.length - b.point.length);
    return home.at(-1)?.isNoexec ?? false;
  };
}

function readMounts(): readonly { point: string; isNoexec: boolean }[] {
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines
      .map((line) => line.split(' '))
      .map((fields) => ({ point: fields[4] ?? '', isNoexec: (fields[5] ?? '').split(',').includes('noexec') }));
  } catch {
    return [];
  }
}

/** Whether HOME names a directory that programs can write their caches to. */
export function hasHome(env: Environment): boolean {
  const home = env['HOME'];
  if (home === undefined || home === '/' || !isAbsolute(home)) return false;
  const stat = statSync(home, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && tryTouch(home);
}

function tryTouch(directory: string): boolean {
  const path = tryMake(directory);
  if (path === undefined) return false;
  rmSync(path, { recursive: true });
  return true;
}
