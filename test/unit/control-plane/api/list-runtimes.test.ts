import { expect, test } from 'bun:test';
import { listRuntimes } from '#control-plane/api/list-runtimes.ts';
import type { WorkerView } from '#domain/client-store.ts';

const worker = (id: number, runtimes: readonly string[], versions: WorkerView['runtimeVersions'] = {}): WorkerView =>
  ({
    worker: String(id),
    name: `w${id}`,
    isFresh: true,
    runtimes,
    runtimeVersions: versions,
  }) as Partial<WorkerView> as WorkerView;

/** A store whose workers are read a page at a time. */
function storeOf(workers: readonly WorkerView[]) {
  const reads: number[] = [];
  return {
    reads,
    listWorkers: async (_: number, { after = '0', limit = workers.length } = {}) => {
      const page = workers.filter((one) => Number(one.worker) > Number(after)).slice(0, limit);
      reads.push(page.length);
      return page;
    },
  };
}

test('the runtimes of all living workers are listed with their versions, also beyond a page', async () => {
  const many = Array.from({ length: 2500 }, (_, n) => worker(n + 1, ['python'], { python: [`3.${n % 2}`] }));
  const store = storeOf([...many, worker(2501, ['awk', 'python']), { ...worker(2502, ['gone']), isFresh: false }]);
  const { runtimes, is_complete } = await listRuntimes(store, 3000);
  expect(is_complete).toBe(true);
  expect(runtimes.map((one) => [one.name, one.workers.length, one.versions.map((two) => two.workers.length)])).toEqual([
    ['awk', 1, []],
    ['python', 2501, [1250, 1250]],
  ]);
  expect(store.reads.reduce((sum, one) => sum + one)).toBe(2502);
  expect(Math.max(...store.reads)).toBeLessThanOrEqual(25);
});

test('however many runtimes and versions workers claim to have, the list is bounded and says that it is not complete', async () => {
  const names = Array.from({ length: 3000 }, (_, n) => `made-up-${n}`);
  const greedy = Array.from({ length: 3000 }, (_, n) => worker(n + 1, names, { 'made-up-1': names }));
  const store = storeOf(greedy);
  const { runtimes, is_complete } = await listRuntimes(store, 3000);
  expect(is_complete).toBe(false);
  expect(JSON.stringify(runtimes).length).toBeLessThan(3_000_000);
  expect(runtimes).toHaveLength(3000);
  expect(store.reads.reduce((sum, one) => sum + one)).toBe(1000);
});
