import { expect } from 'bun:test';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { executionId } from '#domain/ids.ts';
import type { StoreContract } from './fixtures.ts';

/** What every store promises about requests that are made again. */
export function repeatedRequestsContract({ test, open }: StoreContract): void {
  test('the same key again is the same execution, another request with it is refused', async () => {
    await using store = await open();
    const request: ExecutionRequest = { actionRef: 'demo.echo', parameters: {} };
    const once = { owner: '1', key: 'k', requestHash: 'a' };
    const results = await Promise.all([1, 2, 3, 4].map(() => store.requestOnce(request, once)));
    expect(results.map((one) => one.kind).toSorted()).toEqual(['repeated', 'repeated', 'repeated', 'requested']);
    expect(new Set(results.map((one) => 'execution' in one && one.execution)).size).toBe(1);
    expect(await store.requestOnce(request, { ...once, requestHash: 'b' })).toEqual({ kind: 'other-request' });
    expect((await store.requestOnce(request, { ...once, owner: '2' })).kind).toBe('requested');
    const full = { ...once, isFull: true };
    expect((await store.requestOnce(request, full)).kind).toBe('repeated');
    expect(await store.requestOnce(request, { ...full, key: 'f' })).toEqual({ kind: 'full' });
    expect((await store.requestOnce(request, { ...once, key: 'f' })).kind).toBe('requested');
    const unknown = { ...request, actionRef: 'demo.none' };
    expect(await store.requestOnce(unknown, { ...once, key: 'l' })).toEqual({ kind: 'no-action' });
    expect((await store.requestOnce(request, { ...once, key: 'l' })).kind).toBe('requested');
  });

  test('a request can be read back, to repeat it', async () => {
    await using store = await open();
    const request = {
      actionRef: 'demo.echo',
      parameters: { a: 1 },
      envVars: { B: '2' },
      timeoutSeconds: 3,
      maxRetries: 4,
      priority: 5,
      selector: { zone: 'a' },
    };
    const [id] = (await store.request([request])).executions;
    if (id === undefined) throw new Error('not requested');
    expect(await store.readRequest(id)).toEqual({ ...request, inline: undefined, original: id });
    const [again] = (await store.request([{ ...request, original: id }])).executions;
    expect((await store.readExecution(again ?? executionId(0)))?.original).toBe(id);
    expect(await store.readRequest(executionId(9999))).toBeUndefined();
  });
}
