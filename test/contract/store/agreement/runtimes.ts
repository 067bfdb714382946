import { expect } from 'bun:test';
import type { PackRuntime } from '#domain/action.ts';
import type { ClaimedAction } from '#domain/claimed-execution.ts';
import type { Store } from '#domain/store.ts';
import { action, capabilities, pack, registrationRequest } from '#test/contract/samples.ts';
import { join, startOnRunner } from '#test/contract/store/fixtures.ts';
import type { AgreementContract } from './agreement.ts';

const template = { name: 'python', aliases: [], executionConfig: { interpreter: { binary: 'python' } } };
const lua = { name: 'lua', path: '/opt/lua', version: '5.4.6' };
const luaTemplate = { name: 'lua', aliases: [], executionConfig: { interpreter: { binary: 'lua' } } };

/** What the registry of runtimes holds, and what of it a worker is told. */
export function runtimesAgreement({ test, open }: AgreementContract): void {
  test('a worker is told of the versions of a runtime that say something, in their order', async () => {
    await using opened = await open();
    const version = (name: string, variables: Readonly<Record<string, string>>) =>
      ({ version: name, execution_config: Object.keys(variables).length > 0 ? { env_vars: variables } : {} }) as const;
    const versions = [version('3.12', { A: '2' }), version('3.11', {}), version('3.9', { A: '3' })];
    const execution_config = { env_vars: { A: '1' } };
    const config = { execution_config, versions };
    expect(await configOf(opened.store, ownRuntime('demo.special', config))).toEqual({
      execution_config,
      versions: [versions[0], versions[2]],
    });
    const none = { execution_config, versions: [] };
    expect(await configOf(opened.store, ownRuntime('demo.plain', none))).toEqual(none);
  });

  test('a runtime that says nothing is none of the things a worker is told', async () => {
    await using opened = await open();
    const { store, query } = opened;
    expect((await startOnRunner(store, 'demo.echo')).one.action?.runtimeConfig).toBeUndefined();
    const nothing = { execution_config: {}, versions: [] };
    expect(await configOf(store, ownRuntime('demo.silent', nothing))).toBeUndefined();
    await query('UPDATE action SET runtime = NULL');
    expect((await startOnRunner(store, 'demo.special')).one.action).toMatchObject({
      runtime: undefined,
      runtimeConfig: undefined,
    });
  });

  test('a pack that describes a runtime of the agent takes it over, until it says nothing about it any more', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.saveRuntimes([template]);
    const config = { execution_config: { env_vars: { A: '1' } }, versions: [] };
    expect(await configOf(store, ownRuntime('core.python', config))).toEqual(config);
    await store.saveRuntimes([template]);
    expect((await startOnRunner(store, 'demo.special')).one.action?.runtimeConfig).toEqual(config);
    await configOf(store, ownRuntime('core.python', { execution_config: {}, versions: [] }));
    await store.saveRuntimes([template]);
    expect((await startOnRunner(store, 'demo.special')).one.action?.runtimeConfig).toBeUndefined();
    expect((await store.listRuntimes()).find(({ ref }) => ref === 'core.python')?.executionConfig).toEqual(
      template.executionConfig,
    );
  });

  test('an interpreter of a family that the worker does not describe is no runtime', async () => {
    await using opened = await open();
    await join(
      opened.store,
      registrationRequest('w1', { capabilities: capabilities({ detected_interpreters: [lua] }) }),
    );
    expect((await opened.store.listRuntimes()).map(({ ref }) => ref)).not.toContain('core.lua');
  });

  test('a worker that acts only for itself cannot say how a runtime is run', async () => {
    await using opened = await open();
    const detected = capabilities({ detected_interpreters: [lua] });
    const who = (name: string) => registrationRequest(name, { capabilities: detected, templates: [luaTemplate] });
    const configured = async () =>
      (await opened.store.listRuntimes()).find(({ ref }) => ref === 'core.lua')?.executionConfig;
    await join(opened.store.scopedTo('token:888'), who('w1'));
    expect(await configured()).toEqual({});
    await join(opened.store, who('w2'));
    expect(await configured()).toEqual({ interpreter: { binary: '/opt/lua' } });
  });

  test('an interpreter that a worker names twice is one', async () => {
    await using opened = await open();
    const detected = capabilities({ detected_interpreters: [lua, lua, { ...lua, version: null }] });
    await join(opened.store, registrationRequest('w1', { capabilities: detected, templates: [luaTemplate] }));
    expect((await opened.store.listRuntimes()).filter(({ ref }) => ref === 'core.lua')).toHaveLength(1);
  });
}

function ownRuntime(ref: string, config: PackRuntime['config']): PackRuntime {
  return { ref, name: 'special', aliases: [], family: 'python', config };
}

/** What a worker is told about the runtime of an action, after a pack has described it. */
async function configOf(store: Store, own: PackRuntime): Promise<ClaimedAction['runtimeConfig']> {
  const actions = [action('special', { runtime: { ref: own.ref, name: 'python', config: own.config } })];
  await store.savePack({ pack, runtimes: [own], actions });
  return (await startOnRunner(store, 'demo.special')).one.action?.runtimeConfig;
}
