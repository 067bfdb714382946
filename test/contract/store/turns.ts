import { expect } from 'bun:test';
import type { Plan, RequestedExecution } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import { action, pack } from '#test/contract/samples.ts';
import { bounds, join, type StoreContract, submit } from './fixtures.ts';

/** What every store promises about which of the waiting executions comes first. */
export function turnsContract({ test, open }: StoreContract): void {
  test('what has a higher priority comes first, be it of the request or of the action', async () => {
    await using store = await open();
    const actions = [action('slow', { priority: -5 }), action('usual'), action('urgent', { priority: 7 })];
    await store.savePack({ pack, runtimes: [], actions });
    for (const name of ['slow', 'usual', 'urgent']) await submit(store, `demo.${name}`, 2);
    const { executions } = await store.request([
      { actionRef: 'demo.slow', parameters: {}, priority: 100 },
      { actionRef: 'demo.urgent', parameters: {}, priority: -100 },
    ]);
    const seen = await waiting(store);
    const names = ['slow', 'urgent', 'urgent', 'usual', 'usual', 'slow', 'slow', 'urgent'];
    expect(seen.map((one) => one.actionRef)).toEqual(names.map((name) => `demo.${name}`));
    expect([seen[0]?.execution, seen.at(-1)?.execution]).toEqual([...executions]);
    expect(await store.readExecution(seen[1]?.execution ?? ('' as never))).toMatchObject({ priority: 7 });
    expect(await store.readRequest(seen[0]?.execution ?? ('' as never))).toMatchObject({ priority: 100 });
  });

  test('packs take turns, whatever they have waiting, and so do the actions of a pack', async () => {
    await using store = await open();
    await join(store);
    const other = { ...pack, ref: 'other' };
    await store.savePack({ pack, runtimes: [], actions: [action('a'), action('b')] });
    await store.savePack({ pack: other, runtimes: [], actions: [action('c', { ref: 'other.c', pack: other })] });
    await submit(store, 'demo.a', 20);
    await submit(store, 'demo.b', 20);
    await submit(store, 'other.c', 3);
    const order: string[] = [];
    const oneAtATime: Plan = (requests, workers) => {
      const [first] = requests;
      const [worker] = workers;
      if (!first || !worker) return [];
      order.push(first.actionRef);
      return [{ kind: 'dispatch', execution: first.execution, worker: worker.worker }];
    };
    for (let n = 0; n < 8; n++) await store.schedule({ ...bounds, limit: () => 1 }, oneAtATime);
    expect(order.filter((ref) => ref === 'other.c')).toHaveLength(3);
    expect(order.slice(0, 6).filter((ref) => ref === 'other.c')).toHaveLength(3);
    expect([order.includes('demo.a'), order.includes('demo.b')]).toEqual([true, true]);
  });

  test('more actions than a pass looks at all have their turn', async () => {
    await using store = await open();
    const actions = Array.from({ length: 600 }, (_, n) => action(`a${n}`));
    await store.savePack({ pack, runtimes: [], actions });
    await store.request(actions.map((one) => ({ actionRef: one.ref, parameters: {} })));
    const seen = new Set<string>();
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) {
      const scheduled = await store.schedule(bounds, (requests) => {
        for (const one of requests) seen.add(one.actionRef);
        return [];
      });
      expect(scheduled).toMatchObject({ dispatched: 0, hasMore: true });
      counts.push(seen.size);
    }
    expect(counts).toEqual([256, 512, 600]);
  });

  test('a pass says whether it has seen all that waited', async () => {
    await using store = await open();
    await store.savePack({ pack, runtimes: [], actions: [action('a'), action('b')] });
    const sawAll = async (limit: number): Promise<boolean | undefined> =>
      (await store.schedule({ ...bounds, limit: () => limit }, () => []))?.sawAll;
    expect(await sawAll(8)).toBe(true);
    await submit(store, 'demo.a', 3);
    await store.request([{ actionRef: 'demo.b', parameters: {}, priority: -5 }]);
    expect([await sawAll(8), await sawAll(3), await sawAll(0)]).toEqual([true, false, false]);
    await submit(store, 'demo.b', 1);
    expect([await sawAll(8), await sawAll(6)]).toEqual([true, false]);
  });
}

/** Everything that waits, in the order in which a plan is asked about it. */
async function waiting(store: Store): Promise<readonly RequestedExecution[]> {
  const seen: RequestedExecution[] = [];
  await store.schedule(bounds, (requests) => {
    seen.push(...requests);
    return [];
  });
  return seen;
}
