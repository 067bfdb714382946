import { expect } from 'bun:test';
import type { StoreContract } from './fixtures.ts';

/** What every store promises about messages that could not be delivered. */
export function deadLettersContract({ test, open }: StoreContract): void {
  test('dead letters are kept whatever they hold', async () => {
    await using store = await open();
    const letter = { queue: 'q', exchange: '', reason: 'no JSON', body: new Uint8Array([0, 255]) };
    for (const routingKey of ['k', 'k\0', '']) await store.saveDeadLetter({ ...letter, routingKey });
    expect((await store.measure()).deadLetters).toBe(3);
  });
}
