import { expect } from 'bun:test';
import type { ExecutionId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
import { DAY_MS, everyExecution, type StoreContract, submitOne } from './fixtures.ts';

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
    const first = firsts.find(Boolean)?.name.slice('ci '.length) ?? '';
    const valid = await store.validTokens(['x', 'none', 'old', 'a', 'b', 'c']);
    expect(valid.toSorted()).toEqual([first, 'x'].toSorted());
    expect(saved).toMatchObject({ name: 'ci x', scopes: ['submit'], revokedAt: undefined });
    expect([await store.findToken('old'), await store.findToken('none')]).toEqual([undefined, undefined]);
    expect([await store.revokeToken(saved?.id ?? ''), await store.revokeToken(saved?.id ?? '')]).toEqual([true, false]);
    expect(await store.validTokens(['x', 'old', 'none', 'x'])).toEqual([]);
    expect(await store.findToken('x')).toBeUndefined();
    expect((await store.listTokens()).find((one) => one.id === saved?.id)?.revokedAt).toBeDefined();
  });

  test('a token keeps what it is confined to, and lists show only what that lets through, page by page', async () => {
    await using store = await open();
    const de = { ...pack, ref: 'de' };
    await store.savePack({ pack: de, runtimes: [], actions: [action('echo', { ref: 'de.echo', pack: de })] });
    const confinedTo = { packs: ['de'], actions: ['demo.other', 'it\'s."odd'] };
    const token = { name: 'mailer', hash: 'm', scopes: ['read' as const], expiresAt: undefined };
    expect(await store.saveToken({ ...token, confinedTo })).toMatchObject({ confinedTo });
    expect(await store.saveToken({ ...token, name: 'any', hash: 'n' })).toMatchObject({ confinedTo: undefined });
    expect(await store.findToken('m')).toMatchObject({ name: 'mailer', confinedTo });
    expect((await store.findToken('n'))?.confinedTo).toBeUndefined();
    expect((await store.listTokens()).map((one) => one.confinedTo)).toEqual([confinedTo, undefined]);
    const ids: ExecutionId[] = [];
    for (const one of ['demo.other', 'demo.echo', 'de.echo', 'demo.other']) ids.push(await submitOne(store, one));
    const seen = ids.filter((_, place) => place !== 1).toReversed();
    for (const more of [{}, { statuses: ['requested' as const] }]) {
      const filter = { ...everyExecution, ...more, confinedTo, limit: 2 };
      const first = await store.listExecutions(filter);
      expect([first.executions.map((one) => one.execution), first.hasMore]).toEqual([seen.slice(0, 2), true]);
      const second = await store.listExecutions({ ...filter, before: seen[1] });
      expect([second.executions.map((one) => one.execution), second.hasMore]).toEqual([seen.slice(2), false]);
    }
    expect((await store.listActions(undefined, { confinedTo })).map((one) => one.actionRef)).toEqual([
      'de.echo',
      'demo.other',
    ]);
    expect(await store.listActions('demo', { confinedTo: { packs: ['de'], actions: [] } })).toEqual([]);
    expect((await store.listPacks({ confinedTo })).map((one) => [one.packRef, one.actions])).toEqual([
      ['de', 1],
      ['demo', 1],
    ]);
    expect((await store.listPacks({ confinedTo, after: 'de', limit: 1 })).map((one) => one.packRef)).toEqual(['demo']);
    const bounds = { windowMs: DAY_MS, most: 100, leaseMs: DAY_MS };
    expect((await store.readActivity({ ...bounds, confinedTo })).executions).toHaveLength(3);
    expect((await store.readActivity(bounds)).executions).toHaveLength(4);
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
