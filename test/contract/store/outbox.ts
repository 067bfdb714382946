import { expect } from 'bun:test';
import type { OutboxMessage } from '#domain/messages.ts';
import { eventually } from '#test/support/until.ts';
import { LEASE_MS, type StoreContract, submit } from './fixtures.ts';

/** What every store promises about messages that wait to be published. */
export function outboxContract({ test, open }: StoreContract): void {
  test('messages wait in the outbox as they were first said, and young ones are left to their publisher', async () => {
    await using store = await open();
    const { messages } = await store.request([{ actionRef: 'demo.echo', parameters: {} }]);
    expect(await store.unpublished(10, 60_000, 0)).toEqual([]);
    expect(await store.unpublished(10, 0, 0)).toEqual(messages as readonly OutboxMessage[]);
  });

  test('messages that were taken to be published are given to nobody else before their lease is over', async () => {
    await using store = await open();
    await submit(store, 'demo.echo', 5);
    const first = await store.unpublished(3, 0, LEASE_MS);
    const second = await store.unpublished(3, 0, 1);
    expect([first.length, second.length]).toEqual([3, 2]);
    const again = await eventually(
      'a lease of 1 ms is over',
      () => store.unpublished(10, 0, 1),
      (messages) => messages.length > 0,
    );
    expect(again).toEqual(second);
  });

  test('many that sweep at once are given each message once', async () => {
    await using store = await open();
    await submit(store, 'demo.echo', 200);
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.unpublished(50, 0, LEASE_MS)));
    const rest = await store.unpublished(500, 0, LEASE_MS);
    const ids = [...taken.flat(), ...rest].map((one) => one.messageId);
    expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
  });
}
