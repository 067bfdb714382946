import { expect } from 'bun:test';
import { capabilities, registrationRequest } from '#test/contract/samples.ts';
import { join, LEASE_MS } from '#test/contract/store/fixtures.ts';
import { saveWorkerToken } from '#test/contract/store/owners.ts';
import { until } from '#test/support/until.ts';
import type { AgreementContract } from './agreement.ts';

const environment = { key: 'v/demo/python-3.12-a', packRef: 'demo', runtime: 'python', checksum: 'c' };

/** Who may take a name, and who may act as a worker. */
export function ownersAgreement({ test, open }: AgreementContract): void {
  test('a process that lives keeps its name though its token is gone, and others learn nothing of it', async () => {
    await using opened = await open();
    const { store } = opened;
    const token = await saveWorkerToken(store);
    const session = await join(store.scopedTo(`token:${token.id}`));
    await store.revokeToken(token.id);
    expect(await store.scopedTo('token:777').register(registrationRequest('w1'), LEASE_MS)).toEqual({
      kind: 'not-yours',
      owner: `token:${token.id}`,
    });
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive' });
  });

  test('the name of a login that does not exist is free once somebody has used it', async () => {
    await using opened = await open();
    const { store } = opened;
    const theirs = store.scopedTo('token:777');
    await store.deregister(await join(store));
    for (const name of ['w1', 'w2']) await store.assignWorkerName(name, 'login:nobody_at_all');
    expect(await theirs.register(registrationRequest('w1'), LEASE_MS)).toMatchObject({ kind: 'registered' });
    expect(await theirs.register(registrationRequest('w2'), LEASE_MS)).toMatchObject({ kind: 'not-yours' });
  });

  test('an owner has a thousand workers at most, of which the silent ones give way, and none is large', async () => {
    await using opened = await open();
    const mine = opened.store.scopedTo('token:888');
    const joinAs = (name: string, leaseMs: number, more = {}) =>
      mine.register(registrationRequest(name, { capabilities: capabilities(more) }), leaseMs);
    const large = { labels: { big: 'x'.repeat(9000) } };
    await expect(joinAs('large', LEASE_MS, large)).rejects.toThrow('have 8 KiB at most');
    await expect(joinAs('x'.repeat(300), LEASE_MS)).rejects.toThrow('have 255 bytes at most');
    await joinAs('n0', LEASE_MS);
    const names = Array.from({ length: 999 }, (_, n) => `('n${n + 1}')`).join(', ');
    const columns = 'worker_type, host, status, capabilities, owner, lease_expires_at, last_heartbeat';
    await opened.query(
      `WITH more (n) AS (VALUES ${names})
      INSERT INTO worker (name, ${columns}) SELECT n, ${columns} FROM worker, more WHERE name = 'n0'`,
    );
    await expect(joinAs('one-more', LEASE_MS)).rejects.toThrow('has 1000 workers already');
    expect(await joinAs('n7', LEASE_MS)).toMatchObject({ kind: 'registered' });
    await joinAs('n8', 0, { labels: { is: 'gone' } });
    await until(
      'the name whose lease has ended gives way',
      async () => (await joinAs('one-more', LEASE_MS).catch(() => undefined))?.kind === 'registered',
    );
    expect((await opened.store.listWorkers(LEASE_MS)).filter(({ name }) => name === 'n8')).toEqual([]);
    await expect(joinAs('another', LEASE_MS)).rejects.toThrow('has 1000 workers already');
    expect(await opened.store.scopedTo('token:999').register(registrationRequest('theirs'), LEASE_MS)).toMatchObject({
      kind: 'registered',
    });
  });

  test('an earlier process of the same worker builds no environments any more', async () => {
    await using opened = await open();
    const mine = opened.store.scopedTo('token:888');
    const earlier = await join(mine);
    expect(await mine.beginEnvironment(earlier, environment, LEASE_MS)).toEqual({ kind: 'mine' });
    const who = registrationRequest('w1');
    expect(await mine.register(who, LEASE_MS, earlier.instance)).toMatchObject({ kind: 'registered' });
    const other = { ...environment, key: 'v/demo/python-3.12-b' };
    expect(await mine.beginEnvironment(earlier, other, LEASE_MS)).toEqual({ kind: 'taken' });
    expect(await mine.renewEnvironment(earlier, environment.key, LEASE_MS)).toBe(false);
    await mine.endEnvironment(earlier, environment.key, { kind: 'ready' });
    expect((await opened.store.listEnvironments()).map(({ status }) => status)).toEqual(['installing']);
  });
}
