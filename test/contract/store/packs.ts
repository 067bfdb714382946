import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
import { type StoreContract, startOnRunner } from './fixtures.ts';

/** What every store promises about packs that change. */
export function packsContract({ test, open }: StoreContract): void {
  test('a pack says so when it has changed, and brings its own runtimes', async () => {
    await using store = await open();
    const config = {
      execution_config: { env_vars: { A: '1' } },
      versions: [{ version: '3.12', execution_config: { env_vars: { A: '2' } } }],
    };
    const own = { ref: 'demo.special', name: 'special', aliases: ['py'], family: 'python', config };
    const actions = [action('echo', { runtime: { ref: own.ref, name: 'python', config } })];
    const contents = { pack, runtimes: [own], actions, checksum: 'one' };
    const { messages } = await store.savePack(contents);
    expect(messages).toMatchObject([
      {
        exchange: 'attune.events',
        routingKey: 'pack.registered',
        messageType: 'PackRegistered',
        payload: { pack_ref: 'demo', version: '1.0.0', runtime_names: ['python'] },
      },
    ]);
    expect((await store.savePack(contents)).messages).toEqual([]);
    expect((await store.savePack({ ...contents, checksum: 'two' })).messages).toHaveLength(1);
    expect(await store.findPack('demo')).toMatchObject({
      version: '1.0.0',
      directory: pack.directory,
      checksum: 'two',
    });
    const { one } = await startOnRunner(store, 'demo.echo');
    expect(one.action).toMatchObject({
      runtime: 'python',
      runtimeConfig: config,
      script: { packRef: 'demo', packVersion: '1.0.0', packChecksum: 'two' },
    });
    expect((await store.listRuntimes()).find((row) => row.ref === own.ref)).toMatchObject({
      name: 'python',
      isAutoDetected: false,
      executionConfig: config.execution_config,
    });
  });

  test('a pack that is deleted takes its actions, its runtimes and their keys along, and nothing of others', async () => {
    await using store = await open();
    const own = {
      ref: 'demo.special',
      name: 'special',
      aliases: [],
      family: 'python',
      config: { execution_config: {}, versions: [] },
    };
    const actions = [action('echo', { runtime: { ref: own.ref, name: 'python', config: undefined } })];
    await store.savePack({ pack, runtimes: [own], actions });
    const other = { ...pack, ref: 'other', directory: '/packs/other' };
    await store.savePack({
      pack: other,
      runtimes: [],
      actions: [{ ...action('echo'), ref: 'other.echo', pack: other }],
    });
    for (const owner of ['demo', 'other'])
      await store.saveKey({ ref: `${owner}.key`, name: 'key', ownerType: 'pack', owner, value: 'hidden' });
    await store.saveKey({
      ref: 'demo.echo.key',
      name: 'key',
      ownerType: 'action',
      owner: 'demo.echo',
      value: 'hidden',
    });
    const [requested = executionId(0)] = (await store.request([{ actionRef: 'demo.echo', parameters: {} }])).executions;
    expect([await store.deletePack('demo'), await store.deletePack('demo')]).toEqual([true, false]);
    expect((await store.listPacks()).map(({ packRef }) => packRef)).toEqual(['other']);
    expect((await store.listActions()).map(({ actionRef }) => actionRef)).toEqual(['other.echo']);
    expect((await store.listRuntimes()).some(({ ref }) => ref === own.ref)).toBe(false);
    expect((await store.listKeys()).map(({ ref }) => ref)).toEqual(['other.key']);
    expect((await store.readExecution(requested))?.actionRef).toBe('demo.echo');
  });
}
