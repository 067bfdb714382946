import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { firstWorker } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, kinds, LEASE_MS, type StoreContract, start, submit } from './fixtures.ts';

/** What every store promises about a worker that takes nothing more. */
export function drainContract({ test, open }: StoreContract): void {
  test('draining returns what was scheduled, keeps what runs, and takes the worker out of the choice', async () => {
    await using store = await open();
    const session = await join(store);
    const running = await start(store, session);
    const [waiting = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    expect(kinds((await store.beginDrain(session)).messages)).toEqual(['ExecutionStatusChanged scheduled→requested']);
    expect(await store.readExecution(waiting)).toMatchObject({ status: 'requested', retryCount: 0, worker: undefined });
    await store.heartbeat(session, LEASE_MS);
    const seen: WorkerLoad[] = [];
    await store.schedule(bounds, (_, workers) => {
      seen.push(...workers);
      return [];
    });
    expect(seen).toMatchObject([{ isFresh: false, assigned: 1 }]);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ status: 'inactive', isFresh: true, assigned: 1 }]);
    expect((await store.settle([ended(session, running, completed)])).accepted).toEqual([running.execution]);
  });
}
