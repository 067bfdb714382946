import { expect } from 'bun:test';
import type { Recovered } from '#domain/schedule-store.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { completed, ended, join, kinds, type StoreContract, start } from './fixtures.ts';

/** What every store promises about what becomes of executions whose worker was lost. */
export function recoverLostContract({ test, open }: StoreContract): void {
  test('what a lost worker held is abandoned, tried again while retries are left, or cancelled', async () => {
    await using store = await open();
    const session = await join(store);
    const plain = await start(store, session);
    const flaky = await start(store, session, 'demo.flaky');
    const doomed = await start(store, session);
    await store.cancel(doomed.execution, 'a test');
    expect((await store.recoverLost(10)).executions).toEqual([]);
    await store.heartbeat(session, 1);
    const { executions, messages } = await eventually(
      'a lease of 1 ms is over',
      () => store.recoverLost(10),
      isNotEmpty,
    );
    const reason = 'worker w1 was lost during attempt 1';
    expect(executions.toSorted((a, b) => Number(a.execution) - Number(b.execution))).toEqual([
      { execution: plain.execution, status: 'abandoned', reason },
      { execution: flaky.execution, status: 'requested', reason },
      { execution: doomed.execution, status: 'cancelled', reason },
    ]);
    expect(kinds(messages)).toEqual([
      'ExecutionCompleted',
      'ExecutionCompleted',
      'ExecutionStatusChanged canceling→cancelled',
      'ExecutionStatusChanged running→abandoned',
      'ExecutionStatusChanged running→requested',
    ]);
    expect(await store.readExecution(plain.execution)).toMatchObject({
      status: 'abandoned',
      result: { succeeded: false, error: `${reason} and no retry is left` },
    });
    expect(await store.readExecution(flaky.execution)).toMatchObject({
      status: 'requested',
      retryCount: 1,
      retryReason: reason,
    });
    expect((await store.settle([ended(session, plain, completed), ended(session, flaky, completed)])).accepted).toEqual(
      [],
    );
  });

  test('a new process of the same name makes the claims of the old one expire', async () => {
    await using store = await open();
    const session = await join(store);
    const flaky = await start(store, session, 'demo.flaky');
    const next = registrationRequest('w1');
    await store.heartbeat(session, 1);
    await eventually(
      'a lease of 1 ms is over',
      () => store.register(next, 1),
      (one) => one.kind === 'registered',
    );
    const { executions } = await eventually('its claims are over', () => store.recoverLost(10), isNotEmpty);
    expect(executions).toMatchObject([{ execution: flaky.execution, status: 'requested' }]);
  });
}

const isNotEmpty = ({ executions }: Recovered): boolean => executions.length > 0;
