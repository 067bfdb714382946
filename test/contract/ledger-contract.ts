import { expect } from 'bun:test';
import type { PackEnvironmentIdentity, PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import { eventually } from '#test/support/until.ts';

type Test = (title: string, body: () => Promise<void>) => void;

export interface LedgerWorld extends AsyncDisposable {
  /** Another holder's, of the same volume and database. */
  join(): Promise<PackEnvironmentLedger>;
}

const one: PackEnvironmentIdentity = {
  key: 'volume/demo/python-3.12-a1',
  packRef: 'demo',
  runtime: 'python',
  checksum: 'a1',
};
const other = { ...one, key: 'volume/demo/python-3.12-b2', checksum: 'b2' };
const LEASE_MS = 60_000;

/** What every ledger of environments does. `open` gives a new, empty world, in whose database there is a pack `demo`. */
export function ledgerContract(test: Test, open: () => Promise<LedgerWorld>): void {
  test('one holder has the right to build, until it says that it has ended', async () => {
    await using world = await open();
    const [a, b] = [await world.join(), await world.join()];
    expect(await a.begin(one, LEASE_MS)).toEqual({ kind: 'mine' });
    expect(await b.begin(one, LEASE_MS)).toEqual({ kind: 'taken' });
    expect(await b.begin(other, LEASE_MS)).toEqual({ kind: 'mine' });
    expect([await a.renew(one.key, LEASE_MS), await b.renew(one.key, LEASE_MS)]).toEqual([true, false]);
    await a.end(one.key, { kind: 'released' });
    expect(await b.begin(one, LEASE_MS)).toEqual({ kind: 'mine' });
    await b.end(one.key, { kind: 'ready' });
    expect(await a.begin(one, LEASE_MS)).toEqual({ kind: 'mine' });
  });

  test('of many that ask at once one gets it', async () => {
    await using world = await open();
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => world.join()));
    const rights = await Promise.all(ledgers.map((ledger) => ledger.begin(one, LEASE_MS)));
    expect(rights.filter((right) => right.kind === 'mine')).toHaveLength(1);
    expect(rights.filter((right) => right.kind === 'taken')).toHaveLength(7);
  });

  test('a failure is told to everybody, and keeps them from trying at once', async () => {
    await using world = await open();
    const [a, b] = [await world.join(), await world.join()];
    await a.begin(one, LEASE_MS);
    await a.end(one.key, { kind: 'failed', error: 'no such \0 package' });
    for (const ledger of [a, b]) {
      const right = await ledger.begin(one, LEASE_MS);
      if (right.kind !== 'failed') throw new Error(right.kind);
      expect(right.error).toContain('no such');
      expect(right.retryInMs).toBeGreaterThan(1000);
      expect(right.retryInMs).toBeLessThanOrEqual(5000);
    }
    expect(await b.begin(other, LEASE_MS)).toEqual({ kind: 'mine' });
  });

  test('a holder that is silent for its lease loses it, and what it says then counts for nothing', async () => {
    await using world = await open();
    const [a, b, c] = [await world.join(), await world.join(), await world.join()];
    const lease = 1000;
    await a.begin(one, lease);
    expect(await b.begin(one, lease)).toEqual({ kind: 'taken' });
    const right = await eventually(
      'the lease is over',
      () => b.begin(one, lease),
      ({ kind }) => kind !== 'taken',
    );
    expect(right).toEqual({ kind: 'mine' });
    expect(await a.renew(one.key, lease)).toBe(false);
    await a.end(one.key, { kind: 'failed', error: 'too late' });
    expect(await c.begin(one, lease)).toEqual({ kind: 'taken' });
    expect(await b.renew(one.key, lease)).toBe(true);
  });

  test('what was removed is forgotten', async () => {
    await using world = await open();
    const ledger = await world.join();
    await ledger.begin(one, LEASE_MS);
    await ledger.end(one.key, { kind: 'ready' });
    await ledger.forget([one.key, 'volume/demo/never-there']);
    expect(await ledger.begin(one, LEASE_MS)).toEqual({ kind: 'mine' });
  });
}
