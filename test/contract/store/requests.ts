import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import type { StoreContract } from './fixtures.ts';

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
}
