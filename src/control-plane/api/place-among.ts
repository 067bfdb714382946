import type { WorkerView } from '#domain/client-store.ts';
import { byNearness, fitOf } from '#domain/placement.ts';
import type { Requirements } from '#domain/requirements.ts';
import type { Placement } from '#wire/placement.ts';
import type { ApiDependencies } from './dependencies.ts';
import { listWorkers } from './list-workers.ts';

/** The workers that are looked at, in pages, and those that are named. */
const MOST_WORKERS = 2000;
const PAGE = 200;
const MOST_NAMED = 10;

/** Says which workers can run what has these requirements, and what the nearest of the others miss. */
export async function placeAmong(
  needs: Requirements | { readonly problem: string },
  { store, settings: { leaseMs } }: Pick<ApiDependencies, 'store' | 'settings'>,
): Promise<Placement> {
  if ('problem' in needs) return { problem: needs.problem, able: 0, free: 0, workers: [], is_complete: true };
  const fits: ReturnType<typeof fitOf<WorkerView>>[] = [];
  let after: string | undefined;
  do {
    const page: readonly WorkerView[] = await listWorkers(store, leaseMs, { after, limit: PAGE });
    fits.push(...page.map((worker) => fitOf(worker, needs)));
    after = page.length === PAGE ? page.at(-1)?.worker : undefined;
  } while (after !== undefined && fits.length < MOST_WORKERS);
  const able = fits.filter(({ misses }) => misses.length === 0);
  return {
    problem: null,
    able: able.length,
    free: able.filter(({ busy }) => busy === undefined).length,
    workers: fits
      .toSorted(byNearness)
      .slice(0, MOST_NAMED)
      .map(({ worker, misses, busy }) => ({
        ...{ id: Number(worker.worker), name: worker.name, misses: [...misses] },
        busy: busy ?? null,
      })),
    is_complete: after === undefined,
  };
}
