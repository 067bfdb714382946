import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { firstWorker } from '#test/contract/samples.ts';
import { bounds, ended, join, kinds, LEASE_MS, type StoreContract, start, submit } from './fixtures.ts';

/** What every store promises about a worker that can take nothing for a while. */
export function pauseContract({ test, open }: StoreContract): void {
  test('a pause returns what was scheduled, spends no retry, and shows until it ends', async () => {
    await using store = await open();
    const session = await join(store);
    await start(store, session);
    const [waiting = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    const loads = async (): Promise<readonly WorkerLoad[]> => {
      const seen: WorkerLoad[] = [];
      await store.schedule(bounds, (_, workers) => {
        seen.push(...workers);
        return [];
      });
      return seen;
    };
    expect(kinds((await store.pause(session, 'full')).messages)).toEqual([
      'ExecutionStatusChanged scheduled→requested',
    ]);
    expect(await store.readExecution(waiting)).toMatchObject({ status: 'requested', retryCount: 0, worker: undefined });
    expect(await loads()).toMatchObject([{ isFresh: true, isPaused: true, assigned: 1 }]);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ isFresh: true, pausedFor: 'full' }]);
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive', isCordoned: false });
    await store.pause({ ...session, instance: 'another' }, undefined);
    expect(await loads()).toMatchObject([{ isPaused: true }]);
    expect((await store.pause(session, undefined)).messages).toEqual([]);
    expect(await loads()).toMatchObject([{ isPaused: false }]);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ pausedFor: undefined }]);
  });

  test('what is scheduled for a paused worker after all is taken back', async () => {
    await using store = await open();
    const session = await join(store);
    await store.pause(session, 'full');
    const [waiting = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: LEASE_MS })).executions).toEqual([]);
    const { executions } = await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: -LEASE_MS });
    expect(executions).toMatchObject([{ execution: waiting, status: 'requested' }]);
  });

  test('an execution that is handed back for free spends no retry', async () => {
    await using store = await open();
    const session = await join(store);
    const running = await start(store, session);
    const again = { kind: 'again', reason: 'its disk is full', delayMs: 0, result: { succeeded: false } } as const;
    await store.settle([ended(session, running, { ...again, isFree: true })]);
    expect(await store.readExecution(running.execution)).toMatchObject({
      status: 'requested',
      retryCount: 0,
      worker: undefined,
    });
  });
}
