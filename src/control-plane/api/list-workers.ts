import type { ClientStore, WorkerPage, WorkerView } from '#domain/client-store.ts';
import { takeTurns } from '#domain/turns.ts';

/** Workers that are read in one step: each may say 64 KiB about itself. */
const MOST_AT_ONCE = 25;

/** Lists workers, as many at a time as others can wait for; without a limit all of them. */
export async function listWorkers(
  store: Pick<ClientStore, 'listWorkers'>,
  leaseMs: number,
  { after, limit = Number.POSITIVE_INFINITY, ...which }: WorkerPage = {},
): Promise<readonly WorkerView[]> {
  const turn = takeTurns();
  const workers: WorkerView[] = [];
  while (workers.length < limit) {
    const asked = Math.min(MOST_AT_ONCE, limit - workers.length);
    const some = await store.listWorkers(leaseMs, { ...which, after: workers.at(-1)?.worker ?? after, limit: asked });
    workers.push(...some);
    if (some.length < asked) break;
    await turn();
  }
  return workers;
}
