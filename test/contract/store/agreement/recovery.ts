import { expect } from 'bun:test';
import type { Capabilities } from '#domain/worker.ts';
import { capabilities, registrationRequest } from '#test/contract/samples.ts';
import {
  bounds,
  DAY_MS,
  dispatch,
  join,
  kinds,
  LEASE_MS,
  start,
  statusOf,
  submit,
} from '#test/contract/store/fixtures.ts';
import { eventually, until } from '#test/support/until.ts';
import type { AgreementContract } from './agreement.ts';

/** What the monitor takes back, dispatches again and forgets. */
export function recoveryAgreement({ test, open }: AgreementContract): void {
  test('what another scheduler has dispatched is taken back from a full worker too, though nobody noted when', async () => {
    await using opened = await open();
    const { store, query } = opened;
    const session = await join(store, withSlots('w1', 1));
    await start(store, session);
    const execution = await dispatch(store, session);
    await query('UPDATE execution SET dispatched_at = NULL');
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 60_000 })).executions).toEqual([]);
    const { executions } = await eventually(
      'it has waited longer than 1 ms',
      () => store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 1 }),
      (recovered) => recovered.executions.length > 0,
    );
    expect(executions).toEqual([{ execution, status: 'requested', reason: 'worker w1 had no free slot' }]);
  });

  test('a worker whose slots are no number has none, and keeps nobody from being recovered', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store, withSlots('w1', 'many'));
    expect((await store.listWorkers(LEASE_MS)).map(({ slots }) => slots)).toEqual([0]);
    const execution = await dispatch(store, session);
    const { executions } = await eventually(
      'it is taken back',
      () => store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 1 }),
      (recovered) => recovered.executions.length > 0,
    );
    expect(executions).toEqual([{ execution, status: 'requested', reason: 'worker w1 had no free slot' }]);
  });

  test('at most 500 executions are dispatched again at once', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    await submit(store, 'demo.echo', 501);
    await store.schedule({ ...bounds, limit: () => 501 }, (requests) =>
      requests.map(({ execution }) => ({ kind: 'dispatch', execution, worker: session.worker })),
    );
    const scheduled = Date.now();
    await until('all have waited longer than 1 ms', () => Date.now() > scheduled + 2);
    const { messages } = await store.dispatchAgain(1);
    expect(messages).toHaveLength(500);
  });

  test('only a worker that calls itself ephemeral by true is forgotten', async () => {
    await using opened = await open();
    const { store } = opened;
    const ephemeral = (value: unknown) => capabilities({ ephemeral: value as boolean });
    for (const [name, value] of [
      ['number', 1],
      ['text', 'true'],
      ['true', true],
    ] as const /* malformed, but possible */)
      await store.deregister(await join(store, registrationRequest(name, { capabilities: ephemeral(value) })));
    const forgotten = await eventually(
      'a worker is forgotten',
      () => store.forgetWorkers(1),
      (names) => names.length > 0,
    );
    expect(forgotten).toEqual(['true']);
  });

  test('an execution that has lost its worker is cancelled without a message to anybody', async () => {
    await using opened = await open();
    const { store, query } = opened;
    const { execution } = await start(store, await join(store));
    await query('UPDATE execution SET worker = NULL');
    const cancelled = await store.cancel(execution, 'a test');
    expect(cancelled?.status).toBe('canceling');
    expect(kinds(cancelled?.messages ?? [])).toEqual(['ExecutionStatusChanged running→canceling']);
    expect((await store.cancel(execution, 'a test'))?.messages).toEqual([]);
    expect(await statusOf(store, execution)).toBe('canceling');
  });

  test('logs are dropped by whole days: the first moment of the last day stays', async () => {
    await using opened = await open();
    const { store } = opened;
    const { execution } = await start(store, await join(store));
    const boundary = (Math.floor(Date.now() / DAY_MS) - 7) * DAY_MS;
    const chunk = { execution, attempt: 1, stream: 'stdout', offset: 0, data: Buffer.from('x') } as const;
    await store.appendLogs([boundary, boundary - 1].map((at, seq) => ({ ...chunk, seq, at })));
    await store.keepLogs(7);
    expect((await store.readLogs(execution, { attempt: 0, seq: -1 }, 10)).map(({ at }) => at)).toEqual([boundary]);
  });
}

function withSlots(name: string, slots: unknown) {
  const changes: Partial<Capabilities> = { max_concurrent_executions: slots as number }; /* malformed, but possible */
  return registrationRequest(name, { capabilities: capabilities(changes) });
}
