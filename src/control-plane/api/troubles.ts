import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { answerInTime } from './answer-in-time.ts';
import type { ApiDependencies } from './dependencies.ts';

export type TroubleDependencies = Pick<
  ApiDependencies,
  'store' | 'broker' | 'clock' | 'files' | 'troubles' | 'hideSecrets'
>;

/** What keeps this server from taking requests and having them worked on, without its secrets. */
export async function findTroubles(deps: TroubleDependencies): Promise<readonly Trouble[]> {
  const { store, broker, clock, files } = deps;
  const found = await Promise.all([
    troubleOf(store.checkWritable(), clock, 'the database'),
    broker.trouble(),
    troubleOf(files.artifacts?.check?.() ?? Promise.resolve(), clock, 'the directory of artifacts'),
  ]);
  const all = [...found.flatMap((one) => one ?? []), ...deps.troubles()];
  return all.map(({ word, why }) => ({ word, why: deps.hideSecrets(why) }));
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
