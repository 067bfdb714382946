import { expect } from 'bun:test';
import { action, pack, runtime } from '#test/contract/samples.ts';
import { join, type StoreContract, start } from './fixtures.ts';

/** What every store promises about actions of a pack. */
export function actionsContract({ test, open }: StoreContract): void {
  test('an action is found with the schema of its parameters', async () => {
    await using store = await open();
    const parameterSchema = { type: 'object', properties: { n: { type: 'integer' } } };
    const typed = action('typed', { parameterSchema, description: 'with a schema', requestVariables: ['TONE'] });
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), typed] });
    expect(await store.findAction('demo.typed')).toEqual({
      actionRef: 'demo.typed',
      label: 'typed',
      description: 'with a schema',
      packRef: 'demo',
      runtime: 'shell',
      runtimeVersion: undefined,
      parameterSchema,
      requestVariables: ['TONE'],
    });
    expect(await store.findAction('demo.echo')).toMatchObject({ parameterSchema: undefined });
    expect(await store.findAction('demo.none')).toBeUndefined();
  });

  test('a pack saved again replaces its actions', async () => {
    await using store = await open();
    const changes = { runtime: runtime('python'), runtimeVersion: '>=3.9', maxRetries: 5, timeoutSeconds: 3 };
    await store.savePack({ pack, runtimes: [], actions: [action('echo', changes)] });
    expect((await store.listActions('demo')).map((one) => one.actionRef)).toEqual(['demo.echo']);
    const session = await join(store);
    expect(await start(store, session)).toMatchObject({
      maxRetries: 5,
      action: { runtime: 'python', versionConstraint: '>=3.9', timeoutSeconds: 3 },
    });
  });
}
