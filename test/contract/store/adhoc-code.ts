import { expect } from 'bun:test';
import { firstWorker, registrationRequest } from '#test/contract/samples.ts';
import { everyExecution, type StoreContract } from './fixtures.ts';

/** What every store promises about code that comes with its execution. */
export function adhocCodeContract({ test, open }: StoreContract): void {
  test('code comes with its execution, is scheduled by its runtime, and needs no action', async () => {
    await using store = await open();
    const inline = { runtime: 'python', code: 'print(1)\n', options: {} };
    const [id] = (await store.request([{ actionRef: 'adhoc.python', inline, parameters: {} }])).executions;
    const outcome = await store.register(registrationRequest('w1'), 60_000);
    if (outcome.kind !== 'registered' || id === undefined) throw new Error('not registered');
    let required: unknown;
    await store.schedule({ limit: () => 10, leaseMs: 60_000 }, (requests, workers) => {
      required = requests[0]?.requirements;
      return firstWorker(requests, workers);
    });
    expect(required).toMatchObject({ runtime: 'python' });
    const { executions: list } = await store.listExecutions({ ...everyExecution, worker: outcome.worker });
    expect(list.map((one) => one.status)).toEqual(['scheduled']);
  });

  test('what code that came along says about itself reaches its worker', async () => {
    await using store = await open();
    const options = {
      runtime_version: '>=3.9',
      parameter_delivery: 'file',
      parameter_format: 'yaml',
      output_format: 'jsonl',
    } as const;
    const inline = { runtime: 'python', code: 'print(1)', options };
    const [id] = (await store.request([{ actionRef: 'adhoc.python', inline, parameters: {} }])).executions;
    if (id === undefined) throw new Error('not requested');
    expect(await store.readExecution(id)).toMatchObject({ isAdhoc: true });
    expect((await store.readRequest(id))?.inline).toEqual(inline);
    const who = registrationRequest('w1');
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    let constraint: unknown;
    await store.schedule({ limit: () => 10, leaseMs: 60_000 }, (requests, workers) => {
      const needs = requests[0]?.requirements;
      constraint = needs && 'versionConstraint' in needs ? needs.versionConstraint : needs;
      return firstWorker(requests, workers);
    });
    expect(constraint).toBe('>=3.9');
    const session = { worker: outcome.worker, instance: who.instance };
    const { claimed: all } = await store.claim(session, [{ execution: id, attempt: undefined }], 60_000);
    expect(all[0]?.action).toMatchObject({
      versionConstraint: '>=3.9',
      parameterDelivery: 'file',
      parameterFormat: 'yaml',
      outputFormat: 'jsonl',
    });
  });
}
