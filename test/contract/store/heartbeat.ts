import { expect } from 'bun:test';
import { eventually } from '#test/support/until.ts';
import { join, LEASE_MS, type StoreContract, start } from './fixtures.ts';

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
}
