import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { limitWorks, takeTurns } from '#domain/turns.ts';
import { stampOf } from '#execution/process/file-stamp.ts';
import { contentsOf } from './contents.ts';
import { READY, readNote } from './layout.ts';

/** When an environment is compared with what was built: before its first use by this process, or before each. */
export type VerificationTime = 'start' | 'use';

/** What this process knows of environments: whether all that is in them is what was built. */
export interface Verification {
  /** The place at which this process looks and builds: one that nobody else uses, once others have exchanged what was there. */
  placeOf(place: string): string;
  /** Compares an environment with its note before its first use, and before each with what that has found. */
  isWhole(at: EnvironmentAt): Promise<boolean>;
  /** Trusts an environment that was built just now. */
  trust(at: EnvironmentAt): Promise<void>;
}

interface EnvironmentAt {
  readonly place: string;
  /** The directory to which the place leads now. */
  readonly directory: string;
}

/** An environment as it was when it was whole. */
interface Whole {
  readonly contents: string;
  /** The times of the last change of all that is in it, by path. */
  readonly times: ChangeTimes;
}

type ChangeTimes = ReadonlyMap<string, number | undefined>;

export function createVerification(time: VerificationTime): Verification {
  const known = new Map<string, Promise<Whole | undefined>>();
  const oneByOne = limitWorks(1);
  const turn = takeTurns();
  const timesOf = async (directory: string): Promise<ChangeTimes> =>
    time === 'start' ? new Map() : await changeTimesOf(directory);
  const compare = async (directory: string, contents: () => string | undefined): Promise<Whole | undefined> => {
    try {
      /* Before the bytes: what changes while those are read has another time than this. */
      const times = await timesOf(directory);
      const found = await contentsOf(directory);
      if (found === contents()) return { contents: found, times };
    } catch {
      /* it is being removed */
    }
    known.delete(directory);
    return undefined;
  };
  const look = (directory: string, contents: () => string | undefined): Promise<Whole | undefined> => {
    const looked = compare(directory, contents);
    known.set(directory, looked);
    return looked;
  };
  const isUntouched = async ({ times }: Whole): Promise<boolean> => {
    for (const [path, before] of times) {
      await turn();
      if (stampOf(path, { followsLinks: false })?.ctimeMs !== before) return false;
    }
    return true;
  };
  const isDirectoryWhole = async (directory: string): Promise<boolean> => {
    const first = known.get(directory);
    const before = await (first ?? look(directory, () => readNote(directory)?.contents));
    if (first === undefined || before === undefined) return before !== undefined;
    if (await oneByOne(() => isUntouched(before))) return true;
    /* Another script may look already. Times change without a change of bytes too: a file has got another name. */
    const now = known.get(directory);
    return (await (now === first || now === undefined ? look(directory, () => before.contents) : now)) !== undefined;
  };
  const places = createPlaces();
  return {
    placeOf: places.placeOf,
    isWhole: async ({ place, directory }) => {
      if (time === 'use' && places.isExchanged(place, directory)) return false;
      if (!(await isDirectoryWhole(directory))) return false;
      places.note(place, directory);
      return true;
    },
    trust: async ({ place, directory }) => {
      const contents = readNote(directory)?.contents ?? 'none';
      known.set(directory, Promise.resolve({ contents, times: await timesOf(directory) }));
      places.note(place, directory);
    },
  };
}

/**
 * Remembers which directories places have led to. One that leads elsewhere was exchanged, and the note there may be
 * forged; but another agent that shares the volume may have built it as well. So that the two do not build it in turns,
 * what is built then has a place that no other agent uses.
 */
function createPlaces() {
  const directories = new Map<string, string>();
  const own = new Map<string, string>();
  return {
    placeOf: (place: string): string => own.get(place) ?? place,
    note: (place: string, directory: string): void => void directories.set(place, directory),
    isExchanged: (place: string, directory: string): boolean => {
      if ((directories.get(place) ?? directory) === directory) return false;
      if (!own.values().some((one) => one === place))
        own.set(place, join(dirname(place), `${crypto.randomUUID()}-${basename(place)}`));
      return true;
    },
  };
}

/**
 * Lists when all that is in an environment was last changed. The kernel sets this time at each change of bytes, names,
 * owner or mode, and nobody can set it. The note about its use is left out.
 */
async function changeTimesOf(directory: string): Promise<ChangeTimes> {
  const turn = takeTurns();
  const times = new Map<string, number | undefined>();
  const paths = (await readdir(directory, { recursive: true })).filter((path) => path !== READY);
  for (const path of [directory, ...paths.map((one) => join(directory, one))]) {
    await turn();
    times.set(path, stampOf(path, { followsLinks: false })?.ctimeMs);
  }
  return times;
}
