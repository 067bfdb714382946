import { lutimesSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#domain/errors.ts';
import { stampOf } from '#execution/process/file-stamp.ts';
import { removeTree } from '#execution/process/remove-tree.ts';

/** A private directory (0700) of one execution. What is in it is removed when it is disposed of. */
export interface WorkDirectory extends AsyncDisposable {
  readonly path: string;
  /** The directory that the execution's programs get as TMPDIR. */
  readonly temporary: string;
  /** The directory to which artifacts go, unless they shall stay. */
  readonly artifacts: string;
  /** Makes a directory in it that is HOME, and returns its path. */
  makeHome(): string;
  /** True if the kernel says that nothing was ever in the directory of artifacts. */
  hasNoArtifacts(): boolean;
}

export interface WorkDirectories {
  /** A private directory that nobody has had, or that the one before has not touched. Throws errors of the system. */
  take(): WorkDirectory;
  /** Makes directories ahead from now on, and takes those again that executions have not touched; disposed, none is left. */
  keepSpare(): Disposable;
}

export interface WorkDirectoryEvents {
  /** Makes the place of the directories anew where it is gone. */
  readonly makeWhole?: () => void;
  /** What cannot be removed stays, and turns no result into an error. */
  readonly stays?: ((path: string, why: string) => void) | undefined;
}

/** As many as even fast executions leave lying for `SETTLED_MS`. */
const MOST_SPARE = 32;

/**
 * The clock of a file system goes on in steps of up to 10 ms. What was made longer ago than that has another time of
 * change after the slightest change.
 */
const SETTLED_MS = 20;

/** The time of the last entry in a new directory, so that any other time tells of another entry. */
const LONG_AGO = new Date('2001-02-03T04:05:06Z');

/**
 * Makes private directories in `place`. Most executions leave theirs as they have found it, and to make and remove four
 * directories costs more than all other work on an execution. So one is used again if the kernel says that nothing about
 * it has changed: no entry, mode, owner, attribute or name.
 */
export function createWorkDirectories(
  place: string,
  prefix: string,
  { makeWhole, stays }: WorkDirectoryEvents = {},
): WorkDirectories {
  const spare: MadeDirectory[] = [];
  let most = 0;
  let hasHome = false;
  const makeNew = (): MadeDirectory => {
    makeWhole?.();
    return makeDirectory(join(place, prefix), hasHome ? [...INNER, HOME] : INNER);
  };
  const makeAhead = (): void => {
    try {
      for (let n = 0; n < 2 && spare.length < most; n++) spare.push(makeNew());
    } catch {
      /* whoever needs one says why it cannot be made */
    }
  };
  const giveBack = async (made: MadeDirectory, isSettled: boolean): Promise<void> => {
    if (isSettled && spare.length < most && made.isUntouched()) {
      spare.push(made);
      return;
    }
    await made.remove().catch((error) => stays?.(made.path, messageOf(error)));
    makeAhead();
  };
  const takeSpare = (): MadeDirectory | undefined => {
    for (let made = spare.shift(); made; made = spare.shift()) {
      if (made.isUntouched()) return made;
      made.remove().catch((error) => stays?.(made.path, messageOf(error)));
    }
    return undefined;
  };
  return {
    take: () => {
      const ahead = takeSpare();
      const isSettled = ahead !== undefined && ahead.ageMs() >= SETTLED_MS;
      const made = ahead ?? makeNew();
      const inner = (name: string): string => join(made.path, name);
      return {
        path: made.path,
        temporary: inner(TEMPORARY),
        artifacts: inner(ARTIFACTS),
        makeHome: () => {
          hasHome = true;
          made.add(HOME);
          return inner(HOME);
        },
        hasNoArtifacts: () => isSettled && made.isUntouched(ARTIFACTS),
        [Symbol.asyncDispose]: () => giveBack(made, isSettled),
      };
    },
    keepSpare: () => {
      most = MOST_SPARE;
      return {
        [Symbol.dispose]: () => {
          most = 0;
          for (const made of spare.splice(0)) rmSync(made.path, { recursive: true, force: true });
        },
      };
    },
  };
}

const [TEMPORARY, ARTIFACTS, HOME] = ['tmp', 'artifacts', 'home'];
const INNER: readonly string[] = [TEMPORARY, ARTIFACTS];

interface MadeDirectory {
  readonly path: string;
  ageMs(): number;
  /** Makes an inner directory where it is absent. */
  add(name: string): void;
  /** Tells whether neither it nor anything in it has changed since it was made; or one inner directory of it. */
  isUntouched(inner?: string): boolean;
  remove(): Promise<void>;
}

/** What a full disk did not let be made whole is removed. */
function makeDirectory(start: string, names: readonly string[]): MadeDirectory {
  const path = mkdtempSync(start);
  const inner = [...names];
  const all = (): readonly string[] => [...inner.map((name) => join(path, name)), path];
  try {
    for (const name of inner) mkdirSync(join(path, name), { mode: 0o700 });
    for (const one of all()) lutimesSync(one, LONG_AGO, LONG_AGO);
    const seals = new Map(all().map((one) => [one, sealOf(one)]));
    const since = performance.now();
    return {
      path,
      ageMs: () => performance.now() - since,
      add: (name) => {
        if (inner.includes(name)) return;
        mkdirSync(join(path, name), { mode: 0o700 });
        inner.push(name);
      },
      isUntouched: (name) =>
        name === undefined
          ? seals.values().every((seal) => seal.isWhole())
          : (seals.get(join(path, name))?.isWhole() ?? false),
      remove: () => removeAll(path, all()),
    };
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** Remembers what the kernel says of a directory. Times without parts of a second are of a clock that is too coarse. */
function sealOf(path: string): { isWhole(): boolean } {
  const first = stampOf(path, { followsLinks: false });
  return {
    isWhole: () => {
      const now = stampOf(path, { followsLinks: false });
      if (first === undefined || now === undefined || first.ctimeMs % 1000 === 0) return false;
      const { ino, dev, mtimeMs, ctimeMs } = now;
      return ino === first.ino && dev === first.dev && mtimeMs === first.mtimeMs && ctimeMs === first.ctimeMs;
    },
  };
}

/** Most executions leave nothing behind: a call for each directory removes that, a walk through the tree is for the others. */
async function removeAll(path: string, directories: readonly string[]): Promise<void> {
  try {
    for (const directory of directories) rmdirSync(directory);
  } catch {
    await removeTree(path);
  }
}
