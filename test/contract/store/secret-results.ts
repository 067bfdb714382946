import { expect } from 'bun:test';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
import { bounds, claim, join, type StoreContract, startOnRunner } from './fixtures.ts';

/** What every store promises about secret parts of results and about secret parameters. */
export function secretResultsContract({ test, open }: StoreContract): void {
  test('what a result keeps secret is stored apart from it, and can be read again', async () => {
    await using store = await open();
    const { fence } = await startOnRunner(store, 'demo.echo');
    const secrets = [{ path: 'token.value', value: { a: "O'Hara \u2713" } }];
    const result = { succeeded: true, data: { token: { value: '********' } } };
    await store.settle([{ ...fence, verdict: { kind: 'final', status: 'completed', result, secrets } }]);
    expect((await store.readExecution(fence.execution))?.result).toEqual(result);
    expect(await store.readSecrets(fence.execution)).toEqual(secrets);
    expect(await store.readSecrets(executionId(999))).toEqual([]);
  });

  test('secret parameters are masked in every view and given whole to the worker and to who repeats them', async () => {
    await using store = await open();
    await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
    const unmasked = { user: 'ada', password: "O'Hara \u2713" };
    const secret = { actionRef: 'demo.echo', parameters: { user: 'ada', password: '********' }, unmasked };
    const plain = { actionRef: 'demo.echo', parameters: { n: 1 } };
    const { executions } = await store.request([plain, secret, plain]);
    const [before, execution, after] = executions as readonly ExecutionId[];
    if (!(before && execution && after)) throw new Error('not requested');
    const session = await join(store);
    await store.schedule(bounds, (requests) =>
      requests.map((one) => ({ kind: 'dispatch', execution: one.execution, worker: session.worker })),
    );
    const claimed = await claim(store, session, { execution });
    expect([claimed.parameters, claimed.keys, claimed.keysProblem]).toEqual([unmasked, {}, undefined]);
    for (const other of [before, after])
      expect((await claim(store, session, { execution: other })).parameters).toEqual({ n: 1 });
    expect((await store.readExecution(execution))?.parameters).toEqual(secret.parameters);
    expect(await store.readRequest(execution)).toMatchObject(secret);
    const key = { owner: '1', key: 'once', requestHash: 'x' };
    const once = await store.requestOnce(secret, key);
    if (once.kind !== 'requested') throw new Error(once.kind);
    expect(await store.readRequest(once.execution)).toMatchObject(secret);
    expect(await store.requestOnce(secret, key)).toEqual({ kind: 'repeated', execution: once.execution });
  });
}
