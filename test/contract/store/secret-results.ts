import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { type StoreContract, startOnRunner } from './fixtures.ts';

/** What every store promises about secret parts of results. */
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
}
