import { expect } from 'bun:test';
import { workerId } from '#domain/ids.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import { completed, ended, join, type StoreContract, start, statusOf } from './fixtures.ts';

/** What every store promises about workers that get nothing new. */
export function cordonContract({ test, open }: StoreContract): void {
  test('a cordon is put on and taken away', async () => {
    await using store = await open();
    const outcome = await store.register(registrationRequest('w1'), 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    const { worker } = outcome;
    expect(await store.cordon(worker, { by: 'me', reason: 'repair' })).toBe(true);
    expect((await store.listWorkers(60_000))[0]).toMatchObject({ isCordoned: true, cordonReason: 'repair' });
    expect(await store.cordon(worker, undefined)).toBe(true);
    expect((await store.listWorkers(60_000))[0]).toMatchObject({ isCordoned: false, cordonReason: undefined });
    expect(await store.cordon(workerId(9999), undefined)).toBe(false);
  });

  test('a worker is removed once it is gone and holds nothing, a living one only if that is wanted', async () => {
    await using store = await open();
    const session = await join(store.scopedTo('token:1'), registrationRequest('w1'));
    const claimed = await start(store, session);
    expect(await store.removeWorker(session.worker, undefined)).toBe('busy');
    await store.settle([ended(session, claimed, completed)]);
    expect(await store.removeWorker(session.worker, 60_000)).toBe('alive');
    expect(await store.removeWorker(session.worker, undefined)).toBe('removed');
    expect(await store.removeWorker(session.worker, undefined)).toBe('unknown');
    expect(await store.listWorkers(60_000)).toEqual([]);
    expect(await statusOf(store, claimed.execution)).toBe('completed');
    const next = await join(store, registrationRequest('w1'));
    await store.deregister(next);
    expect(await store.removeWorker(next.worker, 60_000)).toBe('removed');
    expect(await store.removeWorker(workerId(9999), 60_000)).toBe('unknown');
  });
}
