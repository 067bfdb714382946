import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf, messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
import { realPath } from '#execution/process/real-path.ts';
import { removeTree } from '#execution/process/remove-tree.ts';
import { isWritable, writableHome } from '#execution/process/writable-home.ts';
import { describeExposure } from '#execution/sandbox/exposed-paths.ts';
import { executionUsers, type UserSettings } from '#execution/sandbox/users.ts';
import { createWorkDirectories, type WorkDirectories, type WorkDirectoryEvents } from './work-directories.ts';

/**
 * The directories in which this container lets executions write. They are found once, for all executions. All of them
 * lie in one that belongs to the agent, so that no execution can put anything else in their place.
 */
export interface WorkPlace {
  /** The directory in which all of it is. */
  readonly root: string;
  /** The agent's own directory in it, which outlives executions: caches of compilers. */
  readonly cache: string;
  /** The directory in the agent's own one in which executions get theirs. */
  readonly executions: string;
  /** The directory in which the dependencies of packs are installed. */
  readonly environments: string;
  /** True if HOME names a directory that the agent can write to. */
  readonly hasHome: boolean;
  /** Private directories of executions; to take one throws when the place has been lost since (a full disk). */
  readonly directories: WorkDirectories;
  /** Removes the private directories of agents that were killed; returns how many. */
  removeAbandoned(): Promise<number>;
}

interface PlaceSettings {
  readonly work_dir?: string | undefined;
  readonly runtime_envs_dir?: string | undefined;
  readonly worker?: UserSettings;
  /** Hears of each private directory that cannot be removed. */
  readonly stays?: WorkDirectoryEvents['stays'];
}

/**
 * Finds the work place: the preferred directory where there is one, else the first writable of the usual ones, where
 * those that allow execution come before others, since compilers run what they write there. The error says what was
 * tried, or how executions that run as another user could change what is the agent's.
 */
export function findWorkPlace(env: ProcessEnv, settings: PlaceSettings): Result<WorkPlace, string> {
  const { work_dir: preferred } = settings;
  const usual = [env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm', '/run', process.cwd()];
  const candidates = preferred === undefined ? executableFirst(usual) : [preferred];
  const found = candidates.find((one) => isAbsolute(one) && isWritable(one));
  if (found === undefined) {
    const tried = candidates.join(', ');
    return failure(
      `no writable directory for temporary files (tried ${tried}): mount one and set ATTUNE_WORK_DIR or TMPDIR`,
    );
  }
  return placeIn(realPath(found), env, settings);
}

function placeIn(
  root: string,
  env: ProcessEnv,
  { runtime_envs_dir, worker = {}, stays }: PlaceSettings,
): Result<WorkPlace, string> {
  const users = executionUsers(worker);
  const exposed = describeExposure(root, users);
  if (exposed !== undefined) return failure(`the work directory ${root}: ${exposed}`);
  const cache = cacheIn(root);
  const environments = runtime_envs_dir ?? join(cache, 'runtime_envs');
  const exposedToo = describeExposure(environments, users);
  if (exposedToo !== undefined) return failure(`the directory of environments ${environments}: ${exposedToo}`);
  const executions = join(cache, 'executions');
  /* Others may pass to what they know the name of. */
  const mode = users.length > 0 ? 0o700 | OTHERS_PASS : 0o700;
  const own = [cache, executions];
  const makeAnew = (): void => {
    for (const directory of own) makeOwn(directory, mode);
  };
  makeAnew();
  /* A place that was emptied by whoever tidies up is made anew. */
  const makeWhole = (): void => {
    if (!own.every((directory) => allows(directory, mode))) makeAnew();
  };
  return success({
    ...{ root, cache, executions, environments },
    hasHome: writableHome(env) !== undefined,
    directories: createWorkDirectories(executions, `${processMark()}-`, { makeWhole, stays }),
    removeAbandoned: () => removeAbandoned(executions, stays),
  });
}

function executableFirst(places: readonly (string | undefined)[]): readonly string[] {
  const absolute = [...new Set(places)].flatMap((place) => (place !== undefined && isAbsolute(place) ? [place] : []));
  const isNoexec = noexecMounts();
  return absolute.toSorted((a, b) => Number(isNoexec(a)) - Number(isNoexec(b)));
}

/**
 * Makes a directory where it is absent, but not those above it. One that somebody else has put there is refused. Another
 * agent of this user may work there whose executions run as other users: those may still pass.
 */
function makeOwn(directory: string, mode: number): void {
  if (!existsSync(directory)) mkdirSync(directory, { mode });
  if (!isOurs(directory)) throw Object.assign(new Error(`${directory} is not this user's`), { code: 'EACCES' });
  chmodSync(directory, mode | (lstatSync(directory).mode & OTHERS_PASS));
}

const OTHERS_PASS = 0o011;

function allows(directory: string, mode: number): boolean {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & mode) === mode;
}

/** Removes the directories of processes that have ended, which their names identify, and returns how many there were. */
async function removeAbandoned(executions: string, stays: PlaceSettings['stays']): Promise<number> {
  const names = readdirSync(executions).filter((name) => hasMarkEnded(/^([0-9a-f]{8}-\d+-\d+)-/.exec(name)?.[1] ?? ''));
  for (const path of names.map((name) => join(executions, name)))
    await removeTree(path).catch((error) => stays?.(path, messageOf(error)));
  return names.length;
}

/** What somebody else has put there, a directory, a file or a link to nowhere, is not used: a new directory of our own is. */
function cacheIn(place: string): string {
  const uid = process.getuid?.() ?? 0;
  const path = join(place, `attune-cache-${uid}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return isOurs(path) ? path : mkdtempSync(join(place, 'attune-cache-'));
}

/** Tells whether a path is a directory of this user that nobody else may write to. */
function isOurs(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isDirectory() && stat.uid === (process.getuid?.() ?? 0) && (stat.mode & 0o022) === 0;
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
