import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { ended, join, kinds, type StoreContract, start, submit } from './fixtures.ts';

/** What every store promises about the end of an execution before its time. */
export function cancelContract({ test, open }: StoreContract): void {
  test('a cancel ends what has not begun, asks the worker for what runs, and leaves the rest', async () => {
    await using store = await open();
    const session = await join(store);
    const [waiting = executionId(0)] = await submit(store);
    expect(await store.cancel(waiting, 'ada')).toMatchObject({ status: 'cancelled' });
    expect(await store.readExecution(waiting)).toMatchObject({
      result: { succeeded: false, cancelled: true, error: 'cancelled by ada before it began' },
    });
    const running = await start(store, session);
    const asked = await store.cancel(running.execution, 'ada');
    expect(asked?.status).toBe('canceling');
    expect(kinds(asked?.messages ?? [])).toEqual([
      'ExecutionCancelRequested',
      'ExecutionStatusChanged running→canceling',
    ]);
    expect(asked?.messages.at(-1)).toMatchObject({
      routingKey: `execution.cancel.worker.${session.worker}`,
      payload: { execution_id: Number(running.execution), worker_id: Number(session.worker) },
    });
    expect(kinds((await store.cancel(running.execution, 'ada'))?.messages ?? [])).toEqual(['ExecutionCancelRequested']);
    const again = { kind: 'again', reason: 'r', delayMs: 0, result: { succeeded: false, cancelled: true } } as const;
    expect(kinds((await store.settle([ended(session, running, again)])).messages)).toEqual([
      'ExecutionCompleted',
      'ExecutionStatusChanged canceling→cancelled',
    ]);
    expect(await store.cancel(running.execution, 'ada')).toEqual({ status: 'cancelled', messages: [] });
    expect(await store.cancel(executionId(999_999), 'ada')).toBeUndefined();
  });
}
