import { expect } from 'bun:test';
import { firstWorker } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import {
  bounds,
  completed,
  ended,
  join,
  kinds,
  LEASE_MS,
  type StoreContract,
  start,
  statusOf,
  submit,
} from './fixtures.ts';

/** What every store promises about which results and hand-backs count. */
export function settleContract({ test, open }: StoreContract): void {
  test('a result is accepted once, from the holder of the claim only', async () => {
    await using store = await open();
    const session = await join(store);
    const claimed = await start(store, session);
    for (const stale of [
      { ...session, instance: 'another' },
      { ...session, worker: '77' as typeof session.worker },
    ])
      expect((await store.settle([ended(stale, claimed, completed)])).accepted).toEqual([]);
    expect((await store.settle([ended(session, { ...claimed, attempt: 2 }, completed)])).accepted).toEqual([]);
    expect(await statusOf(store, claimed.execution)).toBe('running');
    expect((await store.settle([ended(session, claimed, completed)])).accepted).toEqual([claimed.execution]);
    const late = await store.settle([ended(session, claimed, { kind: 'final', status: 'failed', result: {} })]);
    expect(late).toEqual({ accepted: [], messages: [] });
    expect(await statusOf(store, claimed.execution)).toBe('completed');
  });

  test('a batch of results takes what is valid and leaves what is stale', async () => {
    await using store = await open();
    const session = await join(store);
    const executions = await submit(store, 'demo.echo', 20);
    await store.schedule(bounds, firstWorker);
    const { claimed } = await store.claim(
      session,
      executions.map((execution) => ({ execution, attempt: 1 })),
      LEASE_MS,
    );
    expect(claimed).toHaveLength(20);
    const settlements = claimed.map((one, n) => ended(session, n % 2 ? one : { ...one, attempt: 9 }, completed));
    expect((await store.settle(settlements)).accepted.toSorted()).toEqual(
      executions.filter((_, n) => n % 2).toSorted(),
    );
  });

  test('results with text that a database cannot hold are stored all the same', async () => {
    await using store = await open();
    const session = await join(store);
    const claimed = await start(store, session);
    const result = { succeeded: true, stdout: 'a\0b \ud800 c \\u0000 d', 'k\0': 1 };
    await store.settle([ended(session, claimed, { kind: 'final', status: 'completed', result })]);
    const stored = (await store.readExecution(claimed.execution))?.result as { stdout: string };
    expect(stored.stdout.replace('\0', '\ufffd').toWellFormed()).toBe('a\ufffdb \ufffd c \\u0000 d');
  });

  test('a hand-back is requested again with its reason, counts as a retry, and waits for its delay', async () => {
    await using store = await open();
    const session = await join(store);
    const claimed = await start(store, session);
    const again = { kind: 'again', reason: 'it failed', delayMs: 60_000, result: {} } as const;
    const { accepted, messages } = await store.settle([ended(session, claimed, again)]);
    expect(accepted).toEqual([claimed.execution]);
    expect(kinds(messages)).toEqual(['ExecutionStatusChanged running→requested']);
    expect(await store.readExecution(claimed.execution)).toMatchObject({
      status: 'requested',
      retryCount: 1,
      retryReason: 'it failed',
      worker: undefined,
      attempt: 1,
    });
    expect(await store.schedule(bounds, firstWorker)).toMatchObject({ dispatched: 0 });
    const soon = await start(store, session);
    await store.settle([ended(session, soon, { ...again, delayMs: 0 })]);
    const scheduled = await eventually(
      'a delay of 0 ms is over',
      () => store.schedule(bounds, firstWorker),
      (one) => (one?.dispatched ?? 0) > 0,
    );
    expect(scheduled).toMatchObject({ dispatched: 1, messages: [{ payload: { attempt: 2 } }] });
    expect((await store.claim(session, [{ execution: soon.execution, attempt: 1 }], LEASE_MS)).claimed).toEqual([]);
  });
}
