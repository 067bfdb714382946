import { expect } from 'bun:test';
import { action, pack } from '#test/contract/samples.ts';
import { type StoreContract, startGiven, startOnRunner } from './fixtures.ts';

/** What every store promises about keys, and which of them reach an execution. */
export function keysContract({ test, open }: StoreContract): void {
  test('keys are replaced, listed without their values, deleted', async () => {
    await using store = await open();
    const key = { ref: 'system.a', ownerType: 'system' as const, owner: undefined, name: 'a' };
    const packKey = { ref: 'pack.demo.b', ownerType: 'pack' as const, owner: 'demo', name: 'b' };
    for (const one of [key, key, packKey]) await store.saveKey({ ...one, value: 'secret' });
    const listed = await store.listKeys();
    expect(listed.map(({ updated: _, ...rest }) => rest)).toEqual([packKey, key]);
    expect((await store.listKeys({ after: packKey.ref, limit: 5 })).map(({ ref }) => ref)).toEqual([key.ref]);
    expect((await store.listKeys({ limit: 1 })).map(({ ref }) => ref)).toEqual([packKey.ref]);
    const found = async (packRef: string): Promise<readonly string[]> =>
      (await store.findKeyNames({ actionRef: 'demo.c', packRef }, ['a', 'b', 'c'])).toSorted();
    expect([await found('demo'), await found('other')]).toEqual([['a', 'b'], ['a']]);
    expect([await store.deleteKey('system.a'), await store.deleteKey('system.a')]).toEqual([true, false]);
  });

  test('keys reach an execution: of the action over its pack over the system, and of the system only when asked for', async () => {
    await using store = await open();
    const parameterSchema = { type: 'object', properties: { asked: { type: 'string', secret: true } } };
    const actions = [action('asks', { parameterSchema }), action('silent')];
    await store.savePack({ pack, runtimes: [], actions });
    const keys = [
      { ownerType: 'system', owner: undefined, name: 'asked', value: 'of the system' },
      { ownerType: 'system', owner: undefined, name: 'other', value: 'never' },
      { ownerType: 'pack', owner: 'demo', name: 'shared', value: { of: 'the pack' } },
      { ownerType: 'pack', owner: 'demo', name: 'both', value: 'of the pack' },
      { ownerType: 'action', owner: 'demo.asks', name: 'both', value: 'of the action' },
      { ownerType: 'pack', owner: 'elsewhere', name: 'foreign', value: 'never' },
    ] as const;
    for (const one of keys) await store.saveKey({ ...one, ref: `${one.ownerType}.${one.owner}.${one.name}` });
    const { one } = await startOnRunner(store, 'demo.asks');
    expect(one.keys).toEqual({ asked: 'of the system', shared: { of: 'the pack' }, both: 'of the action' });
    expect(one.parameters).toEqual({ n: 0 });
    const { one: silent } = await startOnRunner(store, 'demo.silent');
    expect(silent.keys).toEqual({ shared: { of: 'the pack' }, both: 'of the pack' });
  });

  test('a key that a request names is the value of its parameter, until it is deleted', async () => {
    await using store = await open();
    const parameterSchema = { type: 'object', properties: { pw: { type: 'string', secret: true } } };
    await store.savePack({ pack, runtimes: [], actions: [action('asks', { parameterSchema })] });
    const key = { ref: 'pack.else.smtp', ownerType: 'pack', owner: 'else', name: 'smtp' } as const;
    await store.saveKey({ ...key, value: 'at first' });
    expect(await store.findKey(key.ref)).toMatchObject(key);
    expect(await store.findKey('pack.else.none')).toBeUndefined();
    const given = {
      actionRef: 'demo.asks',
      parameters: { n: 1, pw: '********' },
      unmasked: { n: 1 },
      parameterKeys: { pw: key.ref },
    };
    await store.saveKey({ ...key, value: 'when it starts' });
    const one = await startGiven(store, given);
    expect([one.parameters, one.keysProblem, one.keys]).toEqual([{ n: 1, pw: 'when it starts' }, undefined, {}]);
    expect(await store.readRequest(one.execution)).toMatchObject({
      unmasked: { n: 1 },
      parameterKeys: { pw: key.ref },
    });
    expect(JSON.stringify(await store.readExecution(one.execution))).not.toContain('when it starts');
    await store.deleteKey(key.ref);
    const late = await startGiven(store, given);
    expect([late.parameters, late.keysProblem]).toEqual([
      {},
      'key pack.else.smtp, the value of the parameter pw, has been deleted',
    ]);
  });
}
