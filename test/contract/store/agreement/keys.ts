import { expect } from 'bun:test';
import { createCiphers } from '#crypto/cipher.ts';
import { executionId } from '#domain/ids.ts';
import type { Store } from '#domain/store.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, claim, join, startOnRunner } from '#test/contract/store/fixtures.ts';
import type { AgreementContract } from './agreement.ts';

/** Which keys reach an execution, and which are left when an action is gone. */
export function keysAgreement({ test, open }: AgreementContract): void {
  test('a flat parameter schema asks for a key of the system as a JSON Schema does', async () => {
    await using opened = await open();
    const { store } = opened;
    const parameterSchema = { asked: { type: 'string', secret: true }, plain: { type: 'string' }, type: 'object' };
    await store.savePack({ pack, runtimes: [], actions: [action('flat', { parameterSchema })] });
    await saveKeys(store, ['asked', 'plain', 'type']);
    expect((await startOnRunner(store, 'demo.flat')).one.keys).toEqual({ asked: 'of the system' });
  });

  test('a parameter is secret when its schema says true, not when it says something like it', async () => {
    await using opened = await open();
    const { store } = opened;
    const properties = { yes: { secret: true }, text: { secret: 'true' }, number: { secret: 1 }, no: true };
    const actions = [action('asks', { parameterSchema: { type: 'object', properties } })];
    await store.savePack({ pack, runtimes: [], actions });
    await saveKeys(store, ['yes', 'text', 'number', 'no']);
    expect((await startOnRunner(store, 'demo.asks')).one.keys).toEqual({ yes: 'of the system' });
  });

  test('code that names itself like an action gets no keys of that action or its pack', async () => {
    await using opened = await open();
    const { store } = opened;
    const owners = [
      { ownerType: 'action', owner: 'demo.echo' },
      { ownerType: 'pack', owner: 'demo' },
    ] as const;
    for (const one of owners)
      await store.saveKey({ ...one, ref: `${one.ownerType}.own`, name: 'own', value: 'hidden' });
    const inline = { runtime: 'shell', code: 'env', options: {} };
    const [execution = executionId(0)] = (await store.request([{ actionRef: 'demo.echo', inline, parameters: {} }]))
      .executions;
    const session = await join(store);
    await store.schedule(bounds, firstWorker);
    expect((await claim(store, session, { execution })).keys).toEqual({});
  });

  test('what earlier versions have encrypted is read, and encrypted again for its place', async () => {
    await using opened = await open();
    const { store, query } = opened;
    await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
    for (const name of ['one', 'two'])
      await store.saveKey({ ref: name, ownerType: 'pack', owner: 'demo', name, value: 'new' });
    const { joined } = createCiphers('5e'.repeat(32));
    const old = joined.encrypt('"old"', ['key', 'value']);
    await query(`UPDATE key SET value = '"${old}"', encryption_key_hash = '${joined.keyHash}'`);
    await query(`UPDATE key SET encryption_key_hash = '${'f'.repeat(64)}' WHERE ref = 'two'`);
    expect(await store.encryptAgain()).toEqual({ encrypted: 1, left: 1 });
    expect(await store.encryptAgain()).toEqual({ encrypted: 0, left: 1 });
    await store.deleteKey('two');
    expect((await startOnRunner(store, 'demo.echo')).one.keys).toEqual({ one: 'old' });
  });

  test('the keys of an action go with it, the others stay', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.saveKey({ ref: 'early', ownerType: 'action', owner: 'demo.late', name: 'early', value: 1 });
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('other'), action('late')] });
    for (const owner of ['demo.echo', 'demo.other', 'demo.late'])
      await store.saveKey({ ref: owner, ownerType: 'action', owner, name: 'own', value: 1 });
    await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
    expect((await store.listKeys()).map(({ ref }) => ref)).toEqual(['demo.echo']);
  });
}

async function saveKeys(store: Store, names: readonly string[]): Promise<void> {
  for (const name of names)
    await store.saveKey({ ref: name, ownerType: 'system', owner: undefined, name, value: 'of the system' });
}
