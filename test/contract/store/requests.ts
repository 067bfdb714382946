import { expect } from 'bun:test';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
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

  test('what a requester has that has not ended is counted, and what the executions of an action request counts together', async () => {
    await using store = await open();
    const requested = async (actionRef: string, requestedBy?: string): Promise<ExecutionId> => {
      const [made] = (await store.request([{ actionRef, parameters: {}, requestedBy }])).executions;
      if (!made) throw new Error('nothing was requested');
      return made;
    };
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('other')] });
    const [first, second] = [await requested('demo.echo'), await requested('demo.echo')];
    const other = await requested('demo.other');
    for (const by of ['7', '7', '8', `execution ${first}`, `execution ${second}`, `execution ${other}`])
      await requested('demo.echo', by);
    const count = (by: string, most = 10): Promise<number> => store.countUnfinished(by, most);
    expect(await Promise.all(['7', '8', '9'].map((by) => count(by)))).toEqual([2, 1, 0]);
    expect(await Promise.all([first, second, other].map((one) => count(`execution ${one}`)))).toEqual([2, 2, 1]);
    expect([await count('7', 1), await count('execution 999999')]).toEqual([1, 0]);
    await store.cancel(await requested('demo.echo', '9'), 'me');
    expect(await count('9')).toBe(0);
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
