import { expect } from 'bun:test';
import { workerId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
import { everyExecution, join, LEASE_MS, submitOne } from '#test/contract/store/fixtures.ts';
import { until } from '#test/support/until.ts';
import type { AgreementContract } from './agreement.ts';

/** In which order lists are, when their rows have changed, and which text may be asked for and kept. */
export function listsAgreement({ test, open }: AgreementContract): void {
  test('refs are listed in the order of their bytes, whatever the language of the database', async () => {
    await using opened = await open();
    const { store } = opened;
    const names = ['b', 'C', 'a_b', 'a.c', 'a'];
    await store.savePack({ pack, runtimes: [], actions: names.map((name) => action(name)) });
    for (const ref of names) await store.saveKey({ ref, ownerType: 'system', owner: undefined, name: ref, value: 1 });
    const sorted = ['C', 'a', 'a.c', 'a_b', 'b'];
    expect((await store.listActions()).map(({ actionRef }) => actionRef)).toEqual(sorted.map((name) => `demo.${name}`));
    expect((await store.listKeys()).map(({ ref }) => ref)).toEqual(sorted);
  });

  test('an environment that becomes outdated has changed at that moment', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    const identity = { packRef: 'demo', runtime: 'python', checksum: 'c' };
    const [older, newer] = ['v/demo/python-3.12-a', 'v/demo/python-3.12-b'] as const;
    const changed = async () =>
      Date.parse((await store.listEnvironments()).find(({ key }) => key === older)?.updated ?? '');
    for (const key of [older, newer]) await store.beginEnvironment(session, { ...identity, key }, LEASE_MS);
    await store.endEnvironment(session, older, { kind: 'ready' });
    const before = await changed();
    await until('the clock has gone on', () => Date.now() > before + 1);
    await store.endEnvironment(session, newer, { kind: 'ready' });
    expect(await changed()).toBeGreaterThan(before);
  });

  test('an empty list of anything is no error, and nothing comes of it', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    await submitOne(store);
    const before = await store.measure();
    expect((await store.listExecutions({ ...everyExecution, statuses: [] })).executions).toEqual([]);
    expect(await store.pollLogs([], 10)).toEqual([]);
    expect(await store.request([])).toEqual({ executions: [], messages: [] });
    expect(await store.claim(session, [], LEASE_MS)).toEqual({ claimed: [], messages: [] });
    expect(await store.settle([])).toEqual({ accepted: [], messages: [] });
    await Promise.all([store.appendLogs([]), store.saveAudit([]), store.forget([]), store.saveRuntimes([])]);
    await store.forgetEnvironments([]);
    expect(await store.measure()).toEqual({
      ...before,
      logBytes: expect.any(Number),
      oldestWaitingSeconds: expect.any(Number),
    });
  });

  test('text that a database cannot hold is kept as near as possible, and can be asked for', async () => {
    await using opened = await open();
    const { store } = opened;
    const { worker } = await join(store);
    expect(await store.cordon(worker, { by: 'a\0', reason: 'b\0' })).toBe(true);
    expect((await store.listWorkers(LEASE_MS))[0]?.cordonReason?.replace('\0', '\ufffd')).toBe('b\ufffd');
    const token = await store.saveToken({ name: 'c\0', hash: 'h\0', scopes: ['read'], expiresAt: undefined });
    expect((await store.findToken('h\0'))?.id).toBe(token?.id);
    expect(await store.findAction('demo.echo\0')).toBeUndefined();
    expect((await store.listExecutions({ ...everyExecution, actionRef: '\0' })).executions).toEqual([]);
    expect(await store.cordon(workerId(9999), { by: '\0', reason: '\0' })).toBe(false);
  });
}
