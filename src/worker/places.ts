import { whenAborted } from '#domain/abort.ts';
import type { Clock } from '#domain/clock.ts';
import type { Logger } from '#domain/logger.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { type Trouble, wordOfPlaceError } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Place, PlaceFailure } from './place.ts';
import { measurePlace } from './probe-place.ts';
import { createProber, describeLoss } from './prober.ts';

/** The places of a worker: while one of them cannot be written to, the worker takes nothing. */
export interface Places {
  /** Tells whether a place is to blame for a failure, and not what was to be written there; then it counts as lost. */
  isLost(failure: PlaceFailure): Promise<boolean>;
  /** Probes all watched places now, and says what is wrong with the first that fails; undefined if all are good. */
  examine(): Promise<Trouble | undefined>;
  troubles(): readonly Trouble[];
  /** Repeats work that rejects with Unavailable, until it succeeds or `stop` aborts; meanwhile its place counts as lost. */
  retry<T>(work: () => Promise<T>, at: RetryPlace): Promise<T>;
  /**
   * Probes all watched places, and those that are lost, again and again until `stop` aborts. `onChange` is called with the
   * first of the troubles when that is another one; undefined: all places are good.
   */
  watch(onChange: (trouble: Trouble | undefined) => void, stop: AbortSignal): Promise<void>;
}

interface RetryPlace {
  readonly place: Place['name'];
  readonly bytes: number;
  readonly stop: AbortSignal;
}

interface PlacesDependencies {
  readonly places: readonly Place[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds between two probes of a place: what is lost is seen, and what is mended used, within a few seconds. */
const PROBE_MS = 1500;
interface Lost extends Trouble {
  /** The bytes that must fit for the place to be good again. */
  readonly bytes: number;
}

type Name = Place['name'];

export function createPlaces({ places, clock, logger }: PlacesDependencies): Places {
  const lost = createLostPlaces(logger);
  const answerOf = createProber(clock);
  const probe = async (place: Place): Promise<Trouble | undefined> => {
    const before = lost.get(place.name);
    const bytes = Math.max(place.bytes, before?.bytes ?? 0);
    const error = await answerOf(place, bytes);
    const next = error === undefined ? undefined : { ...(await describeLoss(place, error)), bytes };
    /* Unless it was lost or mended meanwhile. */
    if (lost.get(place.name) === before) lost.set(place.name, next);
    return lost.get(place.name);
  };
  const probeAll = async (): Promise<void> => {
    const due = places.filter(({ isWatched, name }) => isWatched || lost.get(name) !== undefined);
    await Promise.all(due.map(probe));
  };
  const isLost: Places['isLost'] = async ({ place: name, error, bytes }) => {
    const place = places.find((one) => one.name === name);
    if (!place || wordOfPlaceError(error) === undefined) return false;
    const room = await measurePlace(place.path);
    if (room && room.bytes > 0 && bytes > room.bytes) return false;
    if (!place.isWatched) return (await probe(place)) !== undefined;
    lost.set(name, { ...(await describeLoss(place, error)), bytes: Math.max(bytes, place.bytes) });
    return true;
  };
  return {
    isLost,
    examine: async () => {
      await probeAll();
      return lost.all()[0];
    },
    troubles: lost.all,
    retry: createRetry({ lost, clock, isLost, isDirectory: (name) => places.some((one) => one.name === name) }),
    watch: async (onChange, stop) => {
      lost.listen(onChange);
      while (!stop.aborted) {
        await probeAll();
        await clock.sleep(PROBE_MS, stop);
      }
    },
  };
}

/** The places that are lost, and whoever wants to know of them. */
interface LostPlaces {
  get(name: Name): Lost | undefined;
  set(name: Name, next: Lost | undefined): void;
  all(): readonly Trouble[];
  listen(onChange: (trouble: Trouble | undefined) => void): void;
  /** Resolves when a place is good, or when `stop` aborts. */
  whenGood(name: Name, stop: AbortSignal): Promise<void>;
}

function createLostPlaces(logger: Logger): LostPlaces {
  const lost = new Map<Name, Lost>();
  let listener: (trouble: Trouble | undefined) => void = () => {};
  let said: Trouble | undefined;
  let mended = Promise.withResolvers<void>();
  const tell = (): void => {
    const [first] = lost.values();
    if (first?.word !== said?.word) listener(first);
    said = first;
  };
  return {
    get: (name) => lost.get(name),
    set: (name, next) => {
      const before = lost.get(name);
      if (next) lost.set(name, next);
      else lost.delete(name);
      if (next && next.word !== before?.word)
        logger.warn('place lost', { place: name, word: next.word, why: next.why });
      if (before && !next) {
        logger.info('place good again', { place: name });
        mended.resolve();
        mended = Promise.withResolvers();
      }
      tell();
    },
    all: () => [...lost.values()],
    listen: (onChange) => {
      listener = onChange;
    },
    whenGood: async (name, stop) => {
      while (lost.has(name) && !stop.aborted) await Promise.race([mended.promise, whenAborted(stop)]);
    },
  };
}

interface RetryDependencies {
  readonly lost: LostPlaces;
  readonly clock: Clock;
  readonly isLost: Places['isLost'];
  /** A place that is no directory of this machine is probed by the work itself. */
  isDirectory(name: Name): boolean;
}

function createRetry({ lost, clock, isLost, isDirectory }: RetryDependencies): Places['retry'] {
  /* False: a directory of this machine that could never hold it. */
  const mayPass = async ({ place, bytes, stop }: RetryPlace, error: Unavailable): Promise<boolean> => {
    if (isDirectory(place)) {
      const isItsFault = await isLost({ place, error: error.cause, bytes });
      if (isItsFault) await lost.whenGood(place, stop);
      return isItsFault;
    }
    lost.set(place, { ...error.trouble, bytes });
    await clock.sleep(PROBE_MS, stop);
    return true;
  };
  return async (work, at) => {
    let done = await orUnavailable(work);
    while (!(done.ok || at.stop.aborted) && (await mayPass(at, done.error)) && !at.stop.aborted)
      done = await orUnavailable(work);
    if (!isDirectory(at.place)) lost.set(at.place, undefined);
    if (!done.ok) throw done.error;
    return done.value;
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<Result<T, Unavailable>> {
  try {
    return success(await work());
  } catch (error) {
    if (error instanceof Unavailable) return failure(error);
    throw error;
  }
}

/** Tries one place, and says what is wrong with it; undefined: nothing. */
export async function tryPlace(place: Place, clock: Clock): Promise<Trouble | undefined> {
  const error = await createProber(clock)(place, place.bytes);
  return error === undefined ? undefined : await describeLoss(place, error);
}
