import { expect } from 'bun:test';
import { firstWorker } from '#test/contract/samples.ts';
import { bounds, join, LEASE_MS, type StoreContract } from './fixtures.ts';

/** What every store that takes requests promises about whoever made them. */
export function originContract({ test, open }: StoreContract): void {
  test('a claim brings what the request was known by, and for how long the attempt had been due', async () => {
    await using store = await open();
    const session = await join(store);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const plain = { actionRef: 'demo.echo', parameters: {} };
    const request = { ...plain, origin: { requestId: 'asked-by-me', traceparent } };
    const key = { owner: 'one', key: crypto.randomUUID(), requestHash: 'same' };
    await store.request([request, plain]);
    await store.requestOnce(request, key);
    await store.schedule(bounds, firstWorker);
    const { scheduled } = { scheduled: [], ...(await store.heartbeat(session, LEASE_MS, 10)) };
    const { claimed } = await store.claim(session, scheduled, LEASE_MS);
    expect(claimed.map(({ origin }) => origin?.requestId)).toEqual(['asked-by-me', undefined, 'asked-by-me']);
    expect(claimed.map(({ origin }) => origin?.traceparent)).toEqual([traceparent, undefined, traceparent]);
    for (const { origin } of claimed) expect(origin?.queuedMs).toBeGreaterThanOrEqual(0);
  });
}
