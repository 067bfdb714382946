import { expect } from 'bun:test';
import type { Store } from '#domain/store.ts';
import { capabilities, registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { completed, ended, join, type StoreContract, start, statusOf } from './fixtures.ts';

/** What every store promises about ephemeral workers after their end. */
export function forgetWorkersContract({ test, open }: StoreContract): void {
  test('ephemeral workers are forgotten some time after their end, unless they hold something', async () => {
    await using store = await open();
    const ephemeral = capabilities({ ephemeral: true });
    const idle = await join(store, registrationRequest('idle', { capabilities: ephemeral }));
    const busy = await join(store, registrationRequest('busy', { capabilities: ephemeral }));
    await join(store, registrationRequest('lasting'));
    await store.deregister(idle);
    await start(store, busy);
    expect(await store.forgetWorkers(60_000)).toEqual([]);
    expect(await forgetAny(store)).toEqual(['idle']);
    expect((await store.listWorkers(60_000)).map((one) => one.name).toSorted()).toEqual(['busy', 'lasting']);
  });

  test('an execution outlives the ephemeral worker that ran it', async () => {
    await using store = await open();
    const session = await join(
      store,
      registrationRequest('brief', { capabilities: capabilities({ ephemeral: true }) }),
    );
    const claimed = await start(store, session);
    await store.settle([ended(session, claimed, completed)]);
    await store.deregister(session);
    expect(await forgetAny(store)).toEqual(['brief']);
    expect(await statusOf(store, claimed.execution)).toBe('completed');
  });
}

/** The names of the workers that are forgotten once they have been silent for a millisecond. */
async function forgetAny(store: Store): Promise<readonly string[]> {
  return await eventually(
    'a worker is forgotten',
    () => store.forgetWorkers(1),
    (names) => names.length > 0,
  );
}
