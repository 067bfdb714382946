import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { answerInTime } from './answer-in-time.ts';
import type { ApiDependencies } from './dependencies.ts';

export type TroubleDependencies = Pick<
  ApiDependencies,
  'store' | 'broker' | 'clock' | 'files' | 'troubles' | 'hideSecrets' | 'leaving'
>;

/** An answer is good for so long. */
const FRESH_MS = 1000;

const DRAINING: Trouble = { word: 'draining', why: 'this server was told to stop, and takes leave' };

/** Finds what keeps this server from working. */
export type FindTroubles = () => Promise<readonly Trouble[]>;

/** Makes a function that asks the database and the places one question at a time, and gives all who ask its answer. */
export function createTroubles(deps: TroubleDependencies): FindTroubles {
  const { monotonic } = deps.clock;
  let last: { readonly answer: Promise<readonly Trouble[]>; until: number } | undefined;
  const ask = (): Promise<readonly Trouble[]> => {
    if (last && monotonic() < last.until) return last.answer;
    const asked = { answer: findTroubles(deps), until: Number.POSITIVE_INFINITY };
    const settle = (): void => {
      asked.until = monotonic() + FRESH_MS;
    };
    asked.answer.then(settle, settle);
    last = asked;
    return asked.answer;
  };
  /* A balancer shall send nothing more from the first moment on. */
  return async () => (deps.leaving.aborted ? [...(await ask()), DRAINING] : await ask());
}

/** What keeps this server from taking requests and having them worked on, without its secrets. */
async function findTroubles(deps: TroubleDependencies): Promise<readonly Trouble[]> {
  const { store, broker, clock, files } = deps;
  const found = await Promise.all([
    troubleOf(store.checkWritable(), clock, 'the database'),
    broker.trouble(),
    troubleOf(files.artifacts?.check?.() ?? Promise.resolve(), clock, 'the directory of artifacts'),
  ]);
  const asked = found.flatMap((one) => one ?? []);
  /* The silence of a database that does not answer here either is the same trouble. */
  const isAway = asked.some(({ word }) => word === 'database');
  const others = deps.troubles().filter(({ word }) => word !== 'database' || !isAway);
  return [...asked, ...others].map(({ word, why }) => ({ word, why: deps.hideSecrets(why) }));
}

/** The trouble with which work rejects, or with which it does not answer. */
async function troubleOf(work: Promise<void>, clock: Clock, who: string): Promise<Trouble | undefined> {
  try {
    await answerInTime(work, clock, who);
    return undefined;
  } catch (error) {
    return error instanceof Unavailable ? error.trouble : { word: 'failing', why: messageOf(error) };
  }
}
