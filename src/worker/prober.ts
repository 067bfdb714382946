import { mkdir } from 'node:fs/promises';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { type Trouble, type TroubleWord, wordOfPlaceError } from '#domain/trouble.ts';
import { processMark } from '#execution/process/identity.ts';
import type { Place } from './place.ts';
import { measurePlace, probePlace } from './probe-place.ts';

/** A file system that does not answer for so long, such as one of a server that is away, cannot be written to. */
const ANSWER_MS = 2000;
/** The silence is counted in parts, so that the time for which this process itself was stopped counts as one of them. */
const PARTS = 8;

/** The error of writing so many bytes at a place; undefined: they can be written. */
export type Prober = (place: Place, bytes: number) => Promise<unknown>;

/** Makes a prober, which never has two probes under way at one place: one that hangs must not be followed by others. */
export function createProber(clock: Clock): Prober {
  /* An agent that finds the probes of one that was killed removes them. */
  const prefix = `attune-${processMark()}-probe-`;
  const hanging = new Map<Place['name'], Promise<{ readonly error: unknown }>>();
  return async (place, bytes) => {
    const answered = new AbortController();
    const writing = hanging.get(place.name) ?? write(place, prefix, bytes).finally(() => hanging.delete(place.name));
    hanging.set(place.name, writing);
    const silence = async (): Promise<{ readonly error: unknown }> => {
      for (let left = PARTS; left > 0; left--) await clock.sleep(ANSWER_MS / PARTS, answered.signal);
      return { error: noAnswer };
    };
    const { error } = await Promise.race([writing, silence()]);
    answered.abort();
    return error;
  };
}

const noAnswer = Object.assign(new Error('it does not answer'), { code: 'ETIMEDOUT' });

async function write({ path, isOwn }: Place, prefix: string, bytes: number): Promise<{ readonly error: unknown }> {
  try {
    if (isOwn) await mkdir(path, { recursive: true, mode: 0o700 });
    await probePlace(path, prefix, bytes);
    return { error: undefined };
  } catch (error) {
    return { error };
  }
}

/** Says what is wrong with a place, by the error of writing to it. */
export async function describeLoss({ name, path }: Place, error: unknown): Promise<Trouble> {
  const word = wordOfPlaceError(error) ?? 'failing';
  const isOutOfInodes = word === 'full' && (await measurePlace(path))?.hasInodes === false;
  return {
    word: isOutOfInodes ? 'inodes' : word,
    why: `the ${name} ${path} ${predicates[isOutOfInodes ? 'inodes' : word] ?? 'cannot be written to'} (${messageOf(error)})`,
  };
}

const predicates: Partial<Record<TroubleWord, string>> = {
  full: 'is full',
  quota: 'has met its quota',
  inodes: 'has no inodes left',
  'read-only': 'is mounted read-only',
  missing: 'is gone',
  forbidden: 'belongs to somebody else',
};
