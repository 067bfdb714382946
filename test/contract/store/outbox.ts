import { expect } from 'bun:test';
import type { StoreContract } from './fixtures.ts';

/** What every store promises about messages that wait to be published. */
export function outboxContract({ test, open }: StoreContract): void {
  test('messages wait in the outbox as they were first said, and young ones are left to their publisher', async () => {
    await using store = await open();
    const { messages } = await store.request([{ actionRef: 'demo.echo', parameters: {} }]);
    expect(await store.unpublished(10, 60_000)).toEqual([]);
    expect(await store.unpublished(10, 0)).toEqual(messages);
  });
}
