import { expect } from 'bun:test';
import { DAY_MS, type StoreContract } from './fixtures.ts';

/** What every store promises about tokens of the API. */
export function tokensContract({ test, open }: StoreContract): void {
  test('tokens are found by their hash until they are revoked or expire; the first one is only ever one', async () => {
    await using store = await open();
    const token = (hash: string, expiresAt?: number) => ({
      name: `ci ${hash}`,
      hash,
      scopes: ['submit' as const],
      expiresAt,
    });
    const firsts = await Promise.all(['a', 'b', 'c'].map((hash) => store.saveFirstToken(token(hash))));
    expect(firsts.filter((one) => one !== undefined)).toHaveLength(1);
    const saved = await store.saveToken(token('x', Date.now() + DAY_MS));
    await store.saveToken(token('old', Date.now() - 1000));
    expect(await store.findToken('x')).toEqual({ id: saved?.id, name: 'ci x', scopes: ['submit'] });
    expect(saved).toMatchObject({ name: 'ci x', scopes: ['submit'], revokedAt: undefined });
    expect([await store.findToken('old'), await store.findToken('none')]).toEqual([undefined, undefined]);
    expect([await store.revokeToken(saved?.id ?? ''), await store.revokeToken(saved?.id ?? '')]).toEqual([true, false]);
    expect(await store.findToken('x')).toBeUndefined();
    expect((await store.listTokens()).find((one) => one.id === saved?.id)?.revokedAt).toBeDefined();
  });

  test('no two valid tokens share a name; that of a revoked one is free', async () => {
    await using store = await open();
    const token = (hash: string) => ({ name: 'ci', hash, scopes: ['worker' as const], expiresAt: undefined });
    const made = await Promise.all(['a', 'b', 'c'].map((hash) => store.saveToken(token(hash))));
    const saved = made.filter((one) => one !== undefined);
    expect(saved).toHaveLength(1);
    expect(await store.revokeToken(saved[0]?.id ?? '')).toBe(true);
    expect(await store.saveToken(token('d'))).toMatchObject({ name: 'ci' });
  });
}
