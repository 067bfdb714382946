import { expect, test } from 'bun:test';
import type { Claims, Offer } from '#domain/agent-store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { Hint, OutboxMessage } from '#domain/messages.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { createIntake } from '#worker/intake.ts';
import { action, claimedExecution, createHeldRun, deliveryOf, ids, outboxMessage, session } from './samples.ts';

interface Setting {
  readonly slots?: number;
  /** Executions that another worker has by now. */
  readonly stale?: readonly number[];
  readonly pending?: readonly number[];
  readonly hasApiToken?: boolean;
}

/** An intake before a database that can be away or slow. */
function openIntake({ slots = 2, stale = [], pending = [], hasApiToken = false }: Setting = {}) {
  const clock = createFakeClock();
  const held = createHeldRun();
  const stop = new AbortController();
  const state = { isAway: false, answer: undefined as Promise<void> | undefined };
  const claims: { readonly at: number; readonly offers: readonly Offer[]; readonly leaseMs: number }[] = [];
  const points: string[] = [];
  const problems: (string | undefined)[] = [];
  const published: (OutboxMessage | Hint)[] = [];
  const tokens: (string | undefined)[] = [];
  const claim = async (_: unknown, offers: readonly Offer[], leaseMs: number): Promise<Claims> => {
    claims.push({ at: clock.now(), offers, leaseMs });
    await state.answer;
    if (state.isAway) throw new Unavailable('no database');
    const fresh = offers.filter(({ execution }) => !ids(...stale).includes(execution));
    return {
      claimed: fresh.map(({ execution }) =>
        claimedExecution(Number(execution), { action: { ...action, hasApiToken } }),
      ),
      messages: fresh.map(({ execution }) => outboxMessage(execution)),
    };
  };
  const intake = createIntake({
    store: { claim },
    relay: { publish: (messages) => void published.push(...messages) },
    session,
    slots,
    leaseMs: 1500,
    retryPolicy: { clock, stop: stop.signal, onProblem: (problem) => void problems.push(problem?.why) },
    reach: (point) => void points.push(point),
    clock,
    isPending: (execution) => ids(...pending).includes(execution),
    run: async (claimed) => {
      tokens.push(claimed.apiToken);
      await held.run(claimed);
    },
  });
  const claimedIds = (): readonly (readonly string[])[] =>
    claims.map(({ offers }) => offers.map((one) => one.execution));
  return { intake, clock, held, stop, state, claims, claimedIds, points, problems, published, tokens };
}

test('deliveries of one moment are claimed in one statement, then acknowledged, then run', async () => {
  const { intake, clock, held, claims, points, published } = openIntake();
  const deliveries = [deliveryOf(1), deliveryOf(2)];
  for (const one of deliveries) intake.offer(one);
  expect(deliveries.map((one) => one.acknowledged())).toEqual([0, 0]);
  await clock.settle();
  expect(claims).toMatchObject([
    {
      offers: [
        { execution: '1', attempt: 1 },
        { execution: '2', attempt: 1 },
      ],
      leaseMs: 1500,
    },
  ]);
  expect(deliveries.map((one) => one.acknowledged())).toEqual([1, 1]);
  expect(held.started).toEqual(ids(1, 2));
  expect(published.map((one) => one.outboxId)).toEqual(['1', '2']);
  expect(points).toEqual(['delivered', 'delivered', 'claimed', 'acknowledged']);
  expect(intake.claimed().map((one) => one.execution)).toEqual(ids(1, 2));
});

test('an execution is here from its offer on, also while its claim has no answer yet, until its end', async () => {
  const { intake, clock, held, state } = openIntake();
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  expect(intake.isHere(executionId(1))).toBe(false);
  intake.offer(deliveryOf(1));
  await clock.settle();
  expect([intake.isHere(executionId(1)), intake.claimed()]).toEqual([true, []]);
  answer.resolve();
  await clock.settle();
  expect([intake.isHere(executionId(1)), intake.claimed().length]).toEqual([true, 1]);
  held.end(1);
  await clock.settle();
  expect(intake.isHere(executionId(1))).toBe(false);
});

test('a dispatch of several is claimed whole, and acknowledged once', async () => {
  const { intake, clock, claimedIds } = openIntake({ slots: 4 });
  const others = [2, 3].map((id) => ({ execution: executionId(id), attempt: 1 }));
  const batch = deliveryOf(1, {
    kind: 'dispatch',
    execution: executionId(1),
    worker: session.worker,
    attempt: 1,
    others,
  });
  intake.offer(deliveryOf(2));
  intake.offer(batch);
  await clock.advance(10);
  expect([claimedIds().flat().toSorted(), batch.acknowledged()]).toEqual([['1', '2', '3'], 1]);
});

test('no more is claimed than there are free slots; an end claims the next', async () => {
  const { intake, clock, held, claimedIds } = openIntake();
  const deliveries = [1, 2, 3, 4].map((id) => deliveryOf(id));
  for (const one of deliveries) intake.offer(one);
  await clock.settle();
  expect(claimedIds()).toEqual([['1', '2']]);
  expect(deliveries.map((one) => one.acknowledged())).toEqual([1, 1, 0, 0]);
  await clock.advance(1000);
  held.end(1);
  await clock.settle();
  expect(claimedIds()).toEqual([['1', '2'], ['3']]);
  expect(intake.claimed().map((one) => one.execution)).toEqual(ids(2, 3));
});

test('two statements begin 5 ms apart, so that batches grow', async () => {
  const { intake, clock, claims, claimedIds } = openIntake({ slots: 10 });
  intake.offer(deliveryOf(1));
  await clock.settle();
  intake.offer(deliveryOf(2));
  await clock.advance(3);
  intake.offer(deliveryOf(3));
  await clock.advance(10);
  expect(claimedIds()).toEqual([['1'], ['2', '3']]);
  expect(claims.map((one) => one.at)).toEqual([0, 5]);
});

test('what is not for this worker, is no dispatch, or is here already is only acknowledged', async () => {
  const { intake, clock, claimedIds } = openIntake({ pending: [9] });
  const first = deliveryOf(1);
  intake.offer(first);
  const others = [
    deliveryOf(2, { kind: 'dispatch', execution: executionId(2), worker: workerId(8), attempt: 1 }),
    deliveryOf(3, { kind: 'cancel', execution: executionId(3) }),
    deliveryOf(1),
    deliveryOf(9),
  ];
  for (const one of others) intake.offer(one);
  await clock.settle();
  const again = deliveryOf(1);
  intake.offer(again);
  expect([...others, again].map((one) => one.acknowledged())).toEqual([1, 1, 1, 1, 1]);
  expect(claimedIds()).toEqual([['1']]);
});

test('what is scheduled is claimed without a message, as far as there is room, and once when its message comes too', async () => {
  const { intake, clock, held, claimedIds, points } = openIntake();
  const scheduled = [1, 2].map((id) => ({ execution: executionId(id), attempt: 1 }));
  expect(intake.room()).toBe(2);
  intake.offerScheduled(scheduled);
  expect(intake.room()).toBe(0);
  const late = deliveryOf(2);
  intake.offer(late);
  await clock.settle();
  intake.offerScheduled(scheduled);
  await clock.advance(100);
  expect([claimedIds(), held.started, late.acknowledged()]).toEqual([[['1', '2']], ids(1, 2), 1]);
  expect(points).toEqual(['delivered', 'delivered', 'claimed', 'acknowledged']);
  held.end(1);
  await clock.settle();
  expect(intake.room()).toBe(1);
});

test('what has ended here and is not settled yet, or comes after the close, is not claimed for being scheduled', async () => {
  const { intake, clock, claims } = openIntake({ pending: [1] });
  intake.offerScheduled([{ execution: executionId(1), attempt: 1 }]);
  intake.close();
  intake.offerScheduled([{ execution: executionId(2), attempt: 1 }]);
  await clock.advance(100);
  expect([claims, intake.room()]).toEqual([[], 0]);
});

test('what was stale is acknowledged, does not run, and can come again', async () => {
  const { intake, clock, held, claimedIds, points } = openIntake({ stale: [1] });
  const delivery = deliveryOf(1);
  intake.offer(delivery);
  await clock.settle();
  expect([delivery.acknowledged(), held.started, intake.claimed()]).toEqual([1, [], []]);
  expect(points).toEqual(['delivered']);
  intake.offer(deliveryOf(1));
  await clock.advance(5);
  expect(claimedIds()).toEqual([['1'], ['1']]);
});

test('while the database is away the claim is tried again after growing pauses, and nothing is acknowledged', async () => {
  const { intake, clock, held, state, claims, problems } = openIntake();
  state.isAway = true;
  const delivery = deliveryOf(1);
  intake.offer(delivery);
  await clock.advance(75 + 150);
  expect(claims.map((one) => one.at)).toEqual([0, 75, 225]);
  expect([delivery.acknowledged(), problems]).toEqual([0, ['no database', 'no database', 'no database']]);
  state.isAway = false;
  await clock.advance(300);
  expect([delivery.acknowledged(), held.started, problems.at(-1)]).toEqual([1, ids(1), undefined]);
});

test('told to stop while the database is away, it leaves the delivery to the broker', async () => {
  const { intake, clock, stop, state, claims } = openIntake();
  state.isAway = true;
  const delivery = deliveryOf(1);
  intake.offer(delivery);
  await clock.settle();
  stop.abort();
  await clock.advance(10_000);
  await intake.idle();
  expect([claims.length, delivery.acknowledged(), intake.claimed()]).toEqual([1, 0, []]);
});

test('the token of the API is the one whose hash was offered, and only for an action that is granted one', async () => {
  const granted = openIntake({ hasApiToken: true });
  granted.intake.offer(deliveryOf(1));
  granted.intake.offer(deliveryOf(2));
  await granted.clock.settle();
  const hashes = granted.tokens.map((token) => new Bun.CryptoHasher('sha256').update(token ?? '').digest('hex'));
  expect(granted.claims[0]?.offers.map((one) => one.tokenHash)).toEqual(hashes);
  expect(new Set(hashes).size).toBe(2);
  const denied = openIntake();
  denied.intake.offer(deliveryOf(1));
  await denied.clock.settle();
  expect(denied.tokens).toEqual([undefined]);
});

test('closed, it takes nothing more and leaves what waits to the broker; what runs runs to its end', async () => {
  const { intake, clock, held, claimedIds } = openIntake({ slots: 1 });
  const deliveries = [1, 2].map((id) => deliveryOf(id));
  for (const one of deliveries) intake.offer(one);
  await clock.settle();
  expect(intake.close()).toEqual([]);
  const late = deliveryOf(3);
  intake.offer(late);
  intake.offer(late);
  held.end(1);
  await intake.idle();
  expect([...deliveries, late].map((one) => one.acknowledged())).toEqual([1, 0, 0]);
  expect([claimedIds(), intake.claimed()]).toEqual([[['1']], []]);
});

test('what was being claimed when it was closed does not begin, and is given back by the next close', async () => {
  const { intake, clock, held, state } = openIntake();
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  intake.offer(deliveryOf(1));
  await clock.settle();
  expect(intake.close()).toEqual([]);
  answer.resolve();
  await intake.idle();
  expect(held.started).toEqual([]);
  expect(intake.close().map((one) => one.execution)).toEqual(ids(1));
});

test('while it is held it claims nothing, keeps what is offered, and claims it afterwards', async () => {
  const { intake, clock, held, claims } = openIntake();
  intake.hold(true);
  const delivery = deliveryOf(1);
  intake.offer(delivery);
  await clock.settle();
  expect([claims.length, delivery.acknowledged(), held.started]).toEqual([0, 0, []]);
  intake.hold(false);
  await clock.settle();
  expect([claims.length, delivery.acknowledged(), held.started]).toEqual([1, 1, ids(1)]);
});

test('a wall clock that is set back by an hour delays no claim', async () => {
  const { intake, clock, held, claimedIds } = openIntake();
  intake.offer(deliveryOf(1));
  await clock.advance(1000);
  clock.shiftWall(-3_600_000);
  intake.offerScheduled([{ execution: executionId(2), attempt: 1 }]);
  await clock.advance(5);
  expect([claimedIds(), held.started]).toEqual([[['1'], ['2']], ids(1, 2)]);
});
