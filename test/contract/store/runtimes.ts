import { expect } from 'bun:test';
import { capabilities, registrationRequest } from '#test/contract/samples.ts';
import { type StoreContract, startOnRunner } from './fixtures.ts';

/** What every store promises about the registry of runtimes. */
export function runtimesContract({ test, open }: StoreContract): void {
  test('the registry has the templates of the agent, and what workers found beyond them', async () => {
    await using store = await open();
    const template = (name: string) => ({ name, aliases: [], executionConfig: { interpreter: { binary: name } } });
    await store.saveRuntimes([template('shell'), template('python')]);
    const detected_interpreters = [
      { name: 'python', path: '/usr/bin/python3', version: '3.12.1' },
      { name: 'lua', path: '/opt/lua', version: '5.4.6' },
    ];
    const who = registrationRequest('w1', {
      capabilities: capabilities({ detected_interpreters }),
      templates: [template('lua')],
    });
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    expect(await store.listRuntimes()).toEqual([
      { ref: 'core.lua', name: 'lua', isAutoDetected: true, executionConfig: { interpreter: { binary: '/opt/lua' } } },
      {
        ref: 'core.python',
        name: 'python',
        isAutoDetected: false,
        executionConfig: { interpreter: { binary: 'python' } },
      },
      { ref: 'core.shell', name: 'shell', isAutoDetected: true, executionConfig: { interpreter: { binary: 'shell' } } },
    ]);
    await store.saveRuntimes([template('python')]);
    await store.deregister({ worker: outcome.worker, instance: who.instance });
    const { one } = await startOnRunner(store, 'demo.echo');
    expect(one.action?.runtimeConfig).toBeUndefined();
  });
}
