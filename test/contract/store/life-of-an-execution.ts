import { expect } from 'bun:test';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { executionId } from '#domain/ids.ts';
import { parseStoredJson } from '#formats/json.ts';
import { firstWorker } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, kinds, LEASE_MS, type StoreContract } from './fixtures.ts';

/** What every store promises about the way of an execution from its request to its result. */
export function lifeOfAnExecutionContract({ test, open }: StoreContract): void {
  test('numbers beyond 53 bits, which others may have stored, keep their digits', async () => {
    await using store = await open();
    const session = await join(store);
    const digits = '{"id":9007199254740993,"in":[12345678901234567890,0.1]}';
    const parameters = parseStoredJson(digits) as Readonly<Record<string, unknown>>;
    const { executions } = await store.request([{ actionRef: 'demo.echo', parameters }]);
    const execution = executions[0] ?? executionId(0);
    await store.schedule(bounds, firstWorker);
    const { claimed } = await store.claim(session, [{ execution, attempt: 1 }], LEASE_MS);
    expect(canonical(claimed[0]?.parameters)).toBe(canonical(parameters));
    expect(canonical((await store.readExecution(execution))?.parameters)).toBe(canonical(parameters));
    expect(canonical((await store.readRequest(execution))?.parameters)).toBe(canonical(parameters));
  });

  test('an execution goes from request to result, and each step but its dispatch leaves its messages in the outbox', async () => {
    await using store = await open();
    const session = await join(store);
    const requested = await store.request([
      { actionRef: 'demo.echo', parameters: { x: 'é\0' }, envVars: { K: 'v' }, timeoutSeconds: 7 },
    ]);
    const execution = requested.executions[0] ?? executionId(0);
    expect(requested.messages).toMatchObject([
      {
        routingKey: 'execution.requested',
        messageType: 'ExecutionRequested',
        payload: { execution_id: Number(execution), action_ref: 'demo.echo' },
      },
    ]);
    const scheduled = await store.schedule(bounds, firstWorker);
    expect(scheduled).toMatchObject({ dispatched: 1, givenUp: 0 });
    const [dispatch] = scheduled?.messages ?? [];
    expect(dispatch).toMatchObject({
      exchange: 'attune.executions',
      routingKey: `execution.dispatch.worker.${session.worker}`,
      payload: {
        execution_id: Number(execution),
        worker_id: Number(session.worker),
        attempt: 1,
      },
    });
    const { claimed, messages } = await store.claim(session, [{ execution, attempt: 1 }], LEASE_MS);
    expect(claimed).toMatchObject([
      {
        execution,
        attempt: 1,
        actionRef: 'demo.echo',
        envVars: { K: 'v' },
        timeoutSeconds: 7,
        retryCount: 0,
        action: {
          script: { packRef: 'demo', entryPoint: 'echo.sh' },
          runtime: 'shell',
          parameterDelivery: 'stdin',
          parameterFormat: 'json',
          outputFormat: 'json',
        },
      },
    ]);
    expect([claimed[0]?.maxRetries, claimed[0]?.action?.timeoutSeconds]).toEqual([undefined, undefined]);
    expect(kinds(messages)).toEqual(['ExecutionStatusChanged scheduled→running']);
    expect(await store.readExecution(execution)).toMatchObject({
      status: 'running',
      worker: session.worker,
      attempt: 1,
    });
    const settled = await store.settle([ended(session, claimed[0] as ClaimedExecution, completed)]);
    expect(settled.accepted).toEqual([execution]);
    expect(kinds(settled.messages)).toEqual(['ExecutionCompleted', 'ExecutionStatusChanged running→completed']);
    expect(settled.messages.find((one) => one.messageType === 'ExecutionCompleted')?.payload).toMatchObject({
      execution_id: Number(execution),
      status: 'Completed',
      result: { succeeded: true, data: { a: [1] } },
    });
    expect(await store.readExecution(execution)).toMatchObject({
      status: 'completed',
      result: { succeeded: true, data: { a: [1] } },
    });
    const waiting = await store.unpublished(100, 0, 0);
    expect(waiting.map((one) => one.outboxId).toSorted()).toEqual(
      [requested, { messages }, settled]
        .flatMap((one) => one.messages.map((message) => message.outboxId ?? ''))
        .toSorted(),
    );
    await store.forget(waiting.map((one) => one.outboxId));
    expect(await store.unpublished(100, 0, 0)).toEqual([]);
  });
}

/** JSON without the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(Object.entries(Object(value)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
