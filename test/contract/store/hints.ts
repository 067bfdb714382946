import { expect } from 'bun:test';
import { capabilities, firstWorker, registrationRequest } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, LEASE_MS, type StoreContract, submit } from './fixtures.ts';

const batched = { capabilities: capabilities({ batched_dispatch: true }) };

/** What every store promises about hints: what is committed is found without them, so they are in no outbox. */
export function hintsContract({ test, open }: StoreContract): void {
  test('while nobody listens to events, an execution goes its way with three hints and nothing in the outbox', async () => {
    await using store = await open();
    await store.publishEvents(false);
    await store.forget((await store.unpublished(100, 0, 0)).map((one) => one.outboxId));
    const session = await join(store, registrationRequest('w1', batched));
    const requests = [0, 1, 2].map((n) => ({ actionRef: 'demo.echo', parameters: { n } }));
    const requested = await store.request(requests);
    const scheduled = await store.schedule(bounds, firstWorker);
    const offers = requested.executions.flatMap((execution) => (execution ? [{ execution, attempt: 1 }] : []));
    const { claimed, messages } = await store.claim(session, offers, LEASE_MS);
    const settled = await store.settle(claimed.map((one) => ended(session, one, completed)));
    expect([claimed.length, settled.accepted.length, messages.length]).toEqual([3, 3, 0]);
    const hints = [...requested.messages, ...(scheduled?.messages ?? []), ...settled.messages];
    expect(hints.map((one) => [one.routingKey, one.outboxId])).toEqual([
      ['execution.requested', undefined],
      [`execution.dispatch.worker.${session.worker}`, undefined],
      ['execution.completed', undefined],
    ]);
    const [one, ...others] = settled.accepted.map(Number);
    expect(settled.messages.map(({ payload }) => payload)).toEqual([{ execution_id: one, others }]);
    expect(await store.unpublished(100, 0, 0)).toEqual([]);
  });

  test('what goes back without a delay wakes a scheduler as a request does, besides its end', async () => {
    await using store = await open();
    await store.publishEvents(false);
    const session = await join(store);
    const executions = await submit(store, 'demo.echo', 3);
    await store.schedule(bounds, firstWorker);
    const offers = executions.map((execution) => ({ execution, attempt: 1 }));
    const { claimed } = await store.claim(session, offers, LEASE_MS);
    const again = { kind: 'again', reason: 'it failed', result: {} } as const;
    const verdicts = [completed, { ...again, delayMs: 0 }, { ...again, delayMs: 1000 }];
    const { accepted, messages } = await store.settle(
      claimed.map((one, n) => ended(session, one, verdicts[n] ?? completed)),
    );
    const [, second] = executions.map(Number);
    expect(messages.map(({ routingKey, payload }) => [routingKey, payload['execution_id']])).toEqual([
      ['execution.completed', Number(accepted[0])],
      ['execution.requested', second],
    ]);
  });

  test('a worker is told of a batch by one hint, and one that does not say that it understands that by one each', async () => {
    await using store = await open();
    for (const [name, about, told] of [
      ['new', batched, 1],
      ['old', {}, 3],
    ] as const) {
      const session = await join(store, registrationRequest(name, about));
      const executions = await submit(store, 'demo.echo', 3);
      const scheduled = await store.schedule(bounds, (asked) =>
        asked.map(({ execution }) => ({ kind: 'dispatch', execution, worker: session.worker })),
      );
      const again = await store.dispatchAgain(-1000); /* all, also what was dispatched in this millisecond */
      for (const messages of [scheduled?.messages ?? [], again.messages]) {
        expect([name, messages.length]).toEqual([name, told]);
        const named = messages.flatMap(({ payload }) => [payload, ...((payload['others'] ?? []) as object[])]);
        expect(named).toMatchObject(executions.map((id) => ({ execution_id: Number(id), attempt: 1 })));
        expect(messages.every(({ payload }) => payload['worker_id'] === Number(session.worker))).toBe(true);
      }
      const { claimed } = await store.claim(
        session,
        executions.map((execution) => ({ execution, attempt: 1 })),
        LEASE_MS,
      );
      expect(claimed).toHaveLength(3);
    }
  });
}
