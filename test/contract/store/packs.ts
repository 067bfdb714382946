import { expect } from 'bun:test';
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
    expect(await store.findPack('demo')).toEqual({ directory: pack.directory, checksum: 'two' });
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
}
