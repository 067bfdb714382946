import { until } from '#test/support/until.ts';
import type { Bed } from './bed.ts';
import { type Fault, LASTS_S } from './faults.ts';
import { type Cell, judge } from './judge.ts';
import { KINDS, type Kind, type Subject } from './subjects.ts';

export type Row = Partial<Record<Kind, Cell>>;

/** What has not recovered by then never does. */
const RECOVERY_MS = 120_000;

/** Waits until everything works. */
export async function everythingWorks({ subjects }: Bed): Promise<void> {
  for (const kind of KINDS) await until(`${kind} works`, () => worksSince(subjects[kind], 0), RECOVERY_MS);
}

/** Lets a fault begin and end, waits until work is done again, and judges what was seen of each kind that it concerns. */
export async function tryFault({ subjects }: Bed, fault: Fault): Promise<Row> {
  const { kinds, blameless = [], seconds = LASTS_S } = fault;
  const start = performance.now();
  await fault.begin();
  const faultBegun = performance.now();
  await Bun.sleep(seconds * 1000);
  await fault.end();
  const faultEnded = performance.now();
  const recovers = async (kind: Kind): Promise<void> =>
    await until(`${kind} works`, () => worksSince(subjects[kind], faultEnded), RECOVERY_MS).catch(() => {});
  await Promise.all(kinds.map(recovers));
  const judged = kinds.map(async (kind) => {
    const { samples, probes, countUnfinished } = subjects[kind];
    const stopped = performance.now();
    const ids = probes.confirmedSince(start);
    let lost = ids.length;
    const isAllDone = async (): Promise<boolean> => {
      lost = await countUnfinished(ids).catch(() => ids.length);
      return lost === 0;
    };
    await until('nothing is lost', isAllDone, RECOVERY_MS).catch(() => {});
    const isToBlame = !blameless.includes(kind);
    const seen = { faultBegun, faultEnded, stopped, samples, probes: probes.all(), isToBlame, lost };
    return [kind, judge(seen)] as const;
  });
  return Object.fromEntries(await Promise.all(judged));
}

/** Whether it is ready, and has done something that was asked for since this moment. */
function worksSince({ samples, probes }: Subject, ms: number): boolean {
  const last = samples.at(-1);
  const isReady = last?.isReady === true && last.at > ms;
  return isReady && probes.all().some((one) => one.begun >= ms && one.done !== undefined);
}
