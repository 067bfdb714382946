import { expect } from 'bun:test';
import { workerId } from '#domain/ids.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import type { StoreContract } from './fixtures.ts';

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
}
