import { expect } from 'bun:test';
import { registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { join, LEASE_MS, type StoreContract } from './fixtures.ts';

/** What every store promises about how a worker takes its name and keeps it. */
export function registrationContract({ test, open }: StoreContract): void {
  test('a worker registers, keeps its id over restarts, and its name is refused to a second process while it lives', async () => {
    await using store = await open();
    const first = registrationRequest('w1');
    const session = await join(store, first);
    expect(await store.register(first, LEASE_MS)).toMatchObject({ kind: 'registered', worker: session.worker });
    const second = registrationRequest('w1', { host: 'host-2' });
    const refused = await store.register(second, LEASE_MS);
    expect(refused).toMatchObject({ kind: 'name-taken', host: 'host-1', pid: 42 });
    expect(refused).toMatchObject({ instance: first.instance, process: 'boot:1:42' });
    const later = await eventually(
      'the refusal tells of a newer heartbeat',
      async () => {
        await store.heartbeat(session, LEASE_MS);
        return await store.register(second, LEASE_MS);
      },
      (one) => one.kind !== 'name-taken' || refused.kind !== 'name-taken' || one.heartbeat !== refused.heartbeat,
    );
    expect(later).toMatchObject({ kind: 'name-taken', instance: first.instance });
    expect(await store.register(second, 0)).toMatchObject({ kind: 'name-taken' });
    await store.heartbeat(session, 1);
    const taken = await eventually(
      'a lease of 1 ms is over',
      () => store.register(second, 1),
      (one) => one.kind !== 'name-taken',
    );
    expect(taken).toMatchObject({ kind: 'registered', worker: session.worker });
    expect(await store.heartbeat(session, LEASE_MS)).toEqual({ kind: 'replaced' });
  });

  test('a process that is known to have ended is replaced at once', async () => {
    await using store = await open();
    const first = registrationRequest('w1');
    const session = await join(store, first);
    const second = registrationRequest('w1');
    expect(await store.register(second, LEASE_MS, 'somebody else')).toMatchObject({ kind: 'name-taken' });
    expect(await store.register(second, LEASE_MS, first.instance)).toMatchObject({
      kind: 'registered',
      worker: session.worker,
    });
  });

  test('a worker that has deregistered leaves its name free at once', async () => {
    await using store = await open();
    const session = await join(store);
    await store.deregister(session);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ name: 'w1', status: 'inactive', isFresh: false }]);
    expect(await store.register(registrationRequest('w1'), LEASE_MS)).toMatchObject({
      kind: 'registered',
      worker: session.worker,
    });
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([
      { name: 'w1', status: 'active', isFresh: true, slots: 4, runtimes: ['shell', 'python'], host: 'host-1' },
    ]);
  });
}
