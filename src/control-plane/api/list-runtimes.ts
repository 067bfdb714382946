import type { ClientStore, WorkerView } from '#domain/client-store.ts';
import type { Runtime, RuntimeList } from '#wire/workers.ts';
import { listWorkers } from './list-workers.ts';

/** Workers that are read at once. */
const PAGE = 1000;
/** Names of runtimes, versions and workers in one answer. */
const MOST_NAMES = 50_000;

interface Offered {
  readonly workers: Set<string>;
  readonly versions: Map<string, Set<string>>;
}

/**
 * Lists what the living workers can run. It is bounded, however many they are and whatever they say that they can run;
 * `is_complete` tells whether something was left out.
 */
export async function listRuntimes(
  store: Pick<ClientStore, 'listWorkers'>,
  leaseMs: number,
): Promise<Pick<RuntimeList, 'runtimes' | 'is_complete'>> {
  const offered = createOffers();
  let after: string | undefined;
  for (;;) {
    const workers = await listWorkers(store, leaseMs, { after, limit: PAGE });
    for (const one of workers) if (one.isFresh) offered.add(one);
    after = workers.at(-1)?.worker;
    if (workers.length < PAGE || !offered.isComplete()) break;
  }
  return { runtimes: offered.describe(), is_complete: offered.isComplete() };
}

function createOffers() {
  const runtimes = new Map<string, Offered>();
  let left = MOST_NAMES;
  let isComplete = true;
  const take = (): boolean => {
    if (left === 0) isComplete = false;
    else left--;
    return isComplete;
  };
  const find = (name: string): Offered | undefined => {
    const known = runtimes.get(name);
    if (known || !take()) return known;
    const made: Offered = { workers: new Set(), versions: new Map() };
    runtimes.set(name, made);
    return made;
  };
  const addVersion = (versions: Offered['versions'], version: string, worker: string): void => {
    const known = versions.get(version) ?? (take() ? new Set<string>() : undefined);
    if (!known || !take()) return;
    versions.set(version, known.add(worker));
  };
  return {
    isComplete: () => isComplete,
    add: ({ name: worker, runtimes: names, runtimeVersions }: WorkerView): void => {
      for (const name of names) {
        const one = find(name);
        if (!one || !take()) return;
        one.workers.add(worker);
        for (const version of runtimeVersions[name] ?? []) addVersion(one.versions, version, worker);
      }
    },
    describe: (): Runtime[] =>
      [...runtimes.keys()].toSorted().flatMap((name) => {
        const one = runtimes.get(name);
        if (!one) return [];
        const versions = [...one.versions].map(([version, workers]) => ({ version, workers: [...workers] }));
        return [{ name, workers: [...one.workers], versions }];
      }),
  };
}
