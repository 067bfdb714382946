import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { type StoreContract, submit } from './fixtures.ts';

/** What every store promises about requests for executions of known and of unknown actions. */
export function requestsContract({ test, open }: StoreContract): void {
  test('requests for an action that does not exist are refused, the others go on', async () => {
    await using store = await open();
    const { executions, messages } = await store.request(
      ['demo.echo', 'demo.none', 'demo.echo'].map((actionRef) => ({ actionRef, parameters: {} })),
    );
    expect(executions.map((one) => one !== undefined)).toEqual([true, false, true]);
    expect(messages).toHaveLength(2);
    expect(await store.readExecution(executionId(999_999))).toBeUndefined();
  });

  test('of many executions those are found that have ended or do not exist', async () => {
    await using store = await open();
    const [ended, waiting] = await submit(store, 'demo.echo', 2);
    if (!ended || !waiting) throw new Error('nothing was requested');
    await store.cancel(ended, 'me');
    const none = executionId(999_999);
    expect(new Set(await store.findEnded([waiting, none, ended]))).toEqual(new Set([ended, none]));
    expect(await store.findEnded([])).toEqual([]);
  });
}
