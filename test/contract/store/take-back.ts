import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import type { Recovered } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import { capabilities, firstWorker, registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { bounds, dispatch, join, LEASE_MS, type StoreContract, submit } from './fixtures.ts';

/** What every store promises about dispatched executions that nobody claims. */
export function takeBackContract({ test, open }: StoreContract): void {
  test('what a gone or full worker has not claimed is taken back without a retry, and dispatched again otherwise', async () => {
    await using store = await open();
    const session = await join(
      store,
      registrationRequest('w1', { capabilities: capabilities({ max_concurrent_executions: 1 }) }),
    );
    const [execution = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 60_000 })).executions).toEqual([]);
    expect((await store.dispatchAgain(60_000)).messages).toEqual([]);
    const again = await eventually(
      'it has waited longer than 0 ms',
      () => store.dispatchAgain(0),
      ({ messages }) => messages.length > 0,
    );
    expect(again.messages).toMatchObject([
      {
        routingKey: `execution.dispatch.worker.${session.worker}`,
        payload: { execution_id: Number(execution), attempt: 1 },
      },
    ]);
    await store.claim(session, [{ execution, attempt: 1 }], LEASE_MS);
    const [second = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    const takeBack = async (bounds: Parameters<Store['takeBack']>[0]): Promise<Recovered['executions']> => {
      const recovered = await eventually(
        'it is taken back',
        () => store.takeBack(bounds),
        ({ executions }) => executions.length > 0,
      );
      return recovered.executions;
    };
    expect(await takeBack({ leaseMs: LEASE_MS, olderThanMs: 0 })).toEqual([
      { execution: second, status: 'requested', reason: 'worker w1 had no free slot' },
    ]);
    await store.schedule(bounds, firstWorker);
    expect(await takeBack({ leaseMs: 1, olderThanMs: 60_000 })).toEqual([
      { execution: second, status: 'requested', reason: 'worker w1 is gone' },
    ]);
    expect(await store.readExecution(second)).toMatchObject({ status: 'requested', retryCount: 0, attempt: 2 });
  });

  test('what a live worker with room has not claimed is taken back after several dispatches, and others are preferred from then on', async () => {
    await using store = await open();
    const deaf = await join(store, registrationRequest('deaf'));
    const isAvoided = async (): Promise<readonly boolean[]> => {
      const seen: boolean[] = [];
      await store.schedule(bounds, (_, workers) => {
        seen.push(...workers.map((one) => one.isAvoided));
        return [];
      });
      return seen;
    };
    const execution = await dispatch(store, deaf);
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 60_000 })).executions).toEqual([]);
    expect(await isAvoided()).toEqual([false]);
    /* Dispatching again is no claim. */
    await store.dispatchAgain(0);
    const { executions } = await eventually(
      'it is taken back',
      () => store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 1 }),
      (recovered) => recovered.executions.length > 0,
    );
    expect(executions).toEqual([{ execution, status: 'requested', reason: 'worker deaf did not claim it' }]);
    expect(await isAvoided()).toEqual([true]);
    expect(await store.readExecution(execution)).toMatchObject({ status: 'requested', retryCount: 0 });
    await store.deregister(deaf);
    await join(store, registrationRequest('deaf'));
    expect(await isAvoided()).toEqual([false]);
  });
}
