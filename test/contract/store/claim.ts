import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { firstWorker, registrationRequest } from '#test/contract/samples.ts';
import { bounds, join, LEASE_MS, type StoreContract, submit } from './fixtures.ts';

/** What every store promises about who may claim what was dispatched. */
export function claimContract({ test, open }: StoreContract): void {
  test('a claim is a compare-and-set on attempt, worker and process', async () => {
    await using store = await open();
    const session = await join(store);
    const other = await join(store, registrationRequest('w2'));
    const [execution = executionId(0)] = await submit(store);
    const offers = [{ execution, attempt: 1 }];
    expect((await store.claim(session, offers, LEASE_MS)).claimed).toEqual([]);
    await store.schedule(bounds, firstWorker);
    expect((await store.claim(other, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim({ ...session, instance: 'another process' }, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [{ execution, attempt: 2 }], LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [...offers, ...offers], LEASE_MS)).claimed).toHaveLength(1);
    expect((await store.claim(session, offers, LEASE_MS)).claimed).toHaveLength(
      1,
    ); /* the answer was lost: asked again */
    expect((await store.claim(other, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [{ execution: executionId(999_999), attempt: 1 }], LEASE_MS)).claimed).toEqual(
      [],
    );
  });
}
