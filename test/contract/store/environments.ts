import { expect } from 'bun:test';
import { action, pack, registrationRequest } from '#test/contract/samples.ts';
import type { StoreContract } from './fixtures.ts';

/** What every store promises about the list of environments. */
export function environmentsContract({ test, open }: StoreContract): void {
  test('environments are listed as they fare, and outdated by the next of their pack', async () => {
    await using store = await open();
    const who = registrationRequest('builder');
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    const session = { worker: outcome.worker, instance: who.instance };
    const identity = (hash: string) => ({
      key: `v/demo/python-3.12-${hash}`,
      packRef: 'demo',
      runtime: 'python',
      checksum: hash,
    });
    const statuses = async () =>
      Object.fromEntries((await store.listEnvironments()).map((one) => [one.key.slice(-2), one.status]));
    for (const hash of ['a1', 'b2', 'c3']) await store.beginEnvironment(session, identity(hash), 60_000);
    expect((await store.listEnvironments())[0]).toMatchObject({
      packRef: 'demo',
      runtimeRef: 'core.python',
      worker: 'builder',
    });
    await store.endEnvironment(session, 'v/demo/python-3.12-a1', { kind: 'ready' });
    await store.endEnvironment(session, 'v/demo/python-3.12-b2', { kind: 'failed', error: 'why' });
    expect(await statuses()).toEqual({ a1: 'ready', b2: 'failed', c3: 'installing' });
    await store.endEnvironment(session, 'v/demo/python-3.12-c3', { kind: 'ready' });
    expect(await statuses()).toEqual({ a1: 'outdated', b2: 'failed', c3: 'ready' });
    expect((await store.listEnvironments()).find((one) => one.status === 'failed')?.installError).toBe('why');
    await store.savePack({ pack, runtimes: [], actions: [action('echo')], checksum: 'changed' });
    expect(await store.beginEnvironment(session, identity('b2'), 60_000)).toEqual({ kind: 'mine' });
    expect(await store.beginEnvironment(session, { ...identity('d4'), packRef: 'absent' }, 60_000)).toMatchObject({
      kind: 'failed',
    });
  });
}
