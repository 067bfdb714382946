import { expect } from 'bun:test';
import { registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { dispatch, join, LEASE_MS, type StoreContract, start } from './fixtures.ts';

/** What every store promises about what a heartbeat renews and tells. */
export function heartbeatContract({ test, open }: StoreContract): void {
  test('the heartbeat renews every lease and tells what is held and what shall end', async () => {
    await using store = await open();
    const session = await join(store);
    const one = await start(store, session);
    const two = await start(store, session);
    await store.cancel(two.execution, 'a test');
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive', isCordoned: false });
    const beat = await store.heartbeat(session, 1);
    const claims =
      beat.kind === 'alive' ? beat.claims.toSorted((a, b) => Number(a.execution) - Number(b.execution)) : [];
    expect(claims).toEqual([
      { execution: one.execution, attempt: 1, isCanceling: false },
      { execution: two.execution, attempt: 1, isCanceling: true },
    ]);
    await eventually(
      'a lease of 1 ms is over',
      () => store.listWorkers(1),
      (workers) => workers.every((worker) => !worker.isFresh),
    );
    await store.heartbeat(session, LEASE_MS);
    expect((await store.recoverLost(10)).executions).toEqual([]);
  });

  test('the heartbeat tells what is scheduled for the session and not claimed, as much as is asked for', async () => {
    await using store = await open();
    const session = await join(store);
    const other = await join(store, registrationRequest('other'));
    const running = await start(store, session);
    const first = await dispatch(store, session);
    const second = await dispatch(store, session);
    await dispatch(store, other);
    const scheduledAt = async (most?: number) => {
      const beat = await store.heartbeat(session, LEASE_MS, most);
      if (beat.kind !== 'alive') throw new Error(beat.kind);
      expect(beat.claims).toEqual([{ execution: running.execution, attempt: 1, isCanceling: false }]);
      return beat.scheduled;
    };
    expect(await scheduledAt()).toEqual([]);
    expect(await scheduledAt(0)).toEqual([]);
    expect(await scheduledAt(1)).toEqual([{ execution: first, attempt: 1 }]);
    expect(await scheduledAt(10)).toEqual([
      { execution: first, attempt: 1 },
      { execution: second, attempt: 1 },
    ]);
    await store.cancel(second, 'a test');
    expect(await scheduledAt(10)).toEqual([{ execution: first, attempt: 1 }]);
  });

  test('a process that has lost its name is told of nothing that is scheduled', async () => {
    await using store = await open();
    const session = await join(store);
    await dispatch(store, session);
    const gone = { ...session, instance: crypto.randomUUID() };
    expect(await store.heartbeat(gone, LEASE_MS, 10)).toEqual({ kind: 'replaced' });
  });
}
