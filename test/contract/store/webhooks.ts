import { expect } from 'bun:test';
import type { Store } from '#domain/store.ts';
import type { Delivery, NewWebhook } from '#domain/webhook.ts';
import { completed, ended, LEASE_MS, type StoreContract, startOnRunner, submitOne } from './fixtures.ts';

const any: NewWebhook = {
  url: 'https://one.example/hook',
  secret: 'whsec_one',
  statuses: [],
  actionRef: undefined,
  packRef: undefined,
};
const bounds = { limit: 100, perWebhook: 10, leaseMs: 0, rooms: {} };

const add = async (store: Store, changes: Partial<NewWebhook> = {}): Promise<string> =>
  (await store.addWebhook({ ...any, ...changes }, 100)) ?? '';

async function endOne(store: Store): Promise<string> {
  const { session, one } = await startOnRunner(store, 'demo.echo');
  await store.settle([ended(session, one, completed)]);
  return one.execution;
}

async function cancelOne(store: Store, callbackUrl?: string, requestedBy?: string): Promise<string> {
  const { executions } = await store.request([{ actionRef: 'demo.echo', parameters: {}, callbackUrl, requestedBy }]);
  const [execution] = executions;
  if (execution === undefined) throw new Error('not requested');
  await store.cancel(execution, 'somebody');
  return execution;
}

const told = (all: readonly Delivery[]) => all.map(({ webhook, status }) => `${webhook} ${status}`).toSorted();

/** What every store promises about webhooks and what they are told. */
export function webhooksContract({ test, open }: StoreContract): void {
  test('webhooks are stored up to a bound, found, listed and deleted, and their secrets can be read again', async () => {
    await using store = await open();
    const id = await add(store, { statuses: ['failed'], packRef: 'demo' });
    expect(await store.addWebhook(any, 1)).toBeUndefined();
    const { created, ...found } = (await store.findWebhook(id)) ?? { created: '' };
    expect(Date.parse(created)).toBeGreaterThan(0);
    expect(found).toEqual({
      ...{ id, url: any.url, statuses: ['failed'], actionRef: undefined, packRef: 'demo' },
      ...{ callbacksOf: undefined, waiting: 0, delivered: undefined, problem: undefined },
      ...{ isPaused: false, dropped: 0 },
    });
    expect((await store.listWebhooks()).map((one) => one.id)).toEqual([id]);
    expect(await store.readWebhookTarget(id)).toEqual({ url: any.url, secret: any.secret });
    expect([await store.deleteWebhook(id), await store.deleteWebhook(id)]).toEqual([true, false]);
    expect([await store.findWebhook(id), await store.readWebhookTarget(id)]).toEqual([undefined, undefined]);
  });

  test('each webhook is told of the ends that its filter lets through, and of nothing from before it was made', async () => {
    await using store = await open();
    await endOne(store);
    const all = await add(store);
    const failures = await add(store, { statuses: ['failed', 'cancelled'], packRef: 'demo' });
    const ofAction = await add(store, { actionRef: 'demo.echo', statuses: ['completed'] });
    for (const other of [{ actionRef: 'demo.other' }, { packRef: 'dem' }, { statuses: ['abandoned'] as const }])
      await add(store, other);
    const execution = await endOne(store);
    await cancelOne(store);
    await submitOne(store);
    const taken = await store.takeDeliveries(bounds);
    expect(told(taken)).toEqual(
      [`${all} completed`, `${all} cancelled`, `${failures} cancelled`, `${ofAction} completed`].toSorted(),
    );
    const first = taken.find((one) => one.webhook === all);
    expect(first).toMatchObject({ execution, actionRef: 'demo.echo', tries: 1 });
    expect(first?.target).toEqual({ url: any.url, secret: any.secret });
    expect((await store.findWebhook(all))?.waiting).toBe(2);
  });

  test("a message is one taker's until its lease is over, has the same id in each try, and is ended by its last taker alone", async () => {
    await using store = await open();
    const id = await add(store);
    await cancelOne(store);
    const takers = Array.from({ length: 5 }, () => store.takeDeliveries({ ...bounds, leaseMs: LEASE_MS }));
    const [first, ...others] = (await Promise.all(takers)).flat();
    if (!first) throw new Error('nothing was taken');
    expect(others).toEqual([]);
    expect(await store.endDelivery(first, { kind: 'later', afterMs: 0, problem: 'answered 500' })).toBe(true);
    expect((await store.findWebhook(id))?.problem).toBe('answered 500');
    const [second] = await store.takeDeliveries(bounds);
    if (!second) throw new Error('nothing was taken again');
    expect([second.messageId, second.tries]).toEqual([first.messageId, 2]);
    expect(await store.endDelivery(first, { kind: 'delivered' })).toBe(false);
    expect(await store.endDelivery(second, { kind: 'delivered' })).toBe(true);
    expect(await store.takeDeliveries(bounds)).toEqual([]);
    const view = await store.findWebhook(id);
    expect([view?.waiting, view?.problem, view?.delivered === undefined]).toEqual([0, undefined, false]);
  });

  test('what is given up is a dead letter, and a webhook with many messages or a busy one keeps no other waiting', async () => {
    await using store = await open();
    const [many, other] = [await add(store), await add(store, { statuses: ['completed'] })];
    for (const _ of [1, 2, 3]) await cancelOne(store);
    await endOne(store);
    const few = await store.takeDeliveries({ ...bounds, perWebhook: 2, leaseMs: LEASE_MS });
    expect(few.map((one) => one.webhook).toSorted()).toEqual([many, many, other].toSorted());
    expect(await store.takeDeliveries({ ...bounds, rooms: { [many]: 0 } })).toEqual([]);
    const before = (await store.measure()).deadLetters;
    for (const one of few) await store.endDelivery(one, { kind: 'given-up', problem: 'nobody there' });
    expect((await store.measure()).deadLetters - before).toBe(3);
    expect(await store.takeDeliveries({ ...bounds, limit: 1, perWebhook: 0, rooms: { [many]: 5 } })).toHaveLength(1);
    await store.deleteWebhook(many);
    expect(await store.takeDeliveries(bounds)).toEqual([]);
  });

  test('what has become of messages is shown: those that wait first, then the last ones that have ended', async () => {
    await using store = await open();
    const id = await add(store);
    const [first, second, third] = [await cancelOne(store), await cancelOne(store), await cancelOne(store)];
    const taken = await store.takeDeliveries({ ...bounds, leaseMs: LEASE_MS });
    const of = (execution: string): Delivery => {
      const one = taken.find((each) => each.execution === execution);
      if (!one) throw new Error('it was not taken');
      return one;
    };
    await store.endDelivery(of(first), { kind: 'delivered', answer: 204 });
    await store.endDelivery(of(second), { kind: 'given-up', answer: 410, problem: 'answered 410' });
    await store.endDelivery(of(third), { kind: 'later', answer: 503, afterMs: 60_000, problem: 'answered 503' });
    const shown = await store.listMessages(id, 10);
    const common = { actionRef: 'demo.echo', status: 'cancelled', tries: 1 };
    expect(shown).toMatchObject([
      { ...common, execution: third, state: 'waiting', answer: 503, problem: 'answered 503' },
      { ...common, execution: second, state: 'given-up', answer: 410, problem: 'answered 410', next: undefined },
      { ...common, execution: first, state: 'delivered', answer: 204, problem: undefined, next: undefined },
    ]);
    expect(shown.map((one) => Date.parse(one.tried ?? '') > 0)).toEqual([true, true, true]);
    expect(await store.listMessages(id, 1)).toHaveLength(2);
    await store.deleteWebhook(id);
    expect(await store.listMessages(id, 10)).toEqual([]);
  });

  test('a paused webhook is sent nothing until it is resumed, and its secret can be another one', async () => {
    await using store = await open();
    const [id, other] = [await add(store), await add(store, { url: 'https://two.example/hook' })];
    expect(await store.pauseWebhook(id, true)).toBe(true);
    await cancelOne(store);
    expect((await store.takeDeliveries(bounds)).map((one) => one.webhook)).toEqual([other]);
    expect((await store.findWebhook(id))?.isPaused).toBe(true);
    expect(await store.saveWebhookSecret(id, 'whsec_next')).toBe(true);
    expect(await store.pauseWebhook(id, false)).toBe(true);
    const resumed = (await store.takeDeliveries(bounds)).find((one) => one.webhook === id);
    expect(resumed?.target).toEqual({ url: any.url, secret: 'whsec_next' });
    expect([await store.pauseWebhook('999', true), await store.saveWebhookSecret('999', 'x')]).toEqual([false, false]);
  });

  test('of a webhook for which too many messages wait the oldest are given up, and one dead letter tells of them', async () => {
    await using store = await open();
    const [many, few] = [await add(store), await add(store, { statuses: ['completed'] })];
    for (const _ of [1, 2, 3]) await cancelOne(store);
    const last = await endOne(store);
    expect(await store.dropMessages({ most: 4, limit: 100 })).toEqual([]);
    const before = (await store.measure()).deadLetters;
    expect(await store.dropMessages({ most: 1, limit: 2 })).toEqual([{ webhook: many, count: 2 }]);
    expect(await store.dropMessages({ most: 1, limit: 2 })).toEqual([{ webhook: many, count: 1 }]);
    expect((await store.measure()).deadLetters - before).toBe(2);
    const left = await store.takeDeliveries(bounds);
    expect(left.map((one) => `${one.webhook} ${one.execution}`).toSorted()).toEqual(
      [`${many} ${last}`, `${few} ${last}`].toSorted(),
    );
    expect(await store.findWebhook(many)).toMatchObject({ waiting: 1, dropped: 3 });
  });

  test('a callback goes to the address of the request, signed for its token, and nowhere once that is revoked', async () => {
    await using store = await open();
    const make = async (name: string): Promise<string> => {
      const hash = crypto.randomUUID().replaceAll('-', '').repeat(2);
      const saved = await store.saveToken({ name, hash, scopes: ['submit'], expiresAt: undefined });
      return saved?.id ?? '';
    };
    const [caller, other] = [await make('caller'), await make('other')];
    expect(await store.hasCallbackSecret(caller)).toBe(false);
    await store.saveCallbackSecret(caller, 'whsec_old');
    const webhook = await store.saveCallbackSecret(caller, 'whsec_new');
    expect(await store.hasCallbackSecret(caller)).toBe(true);
    expect((await store.listWebhooks()).map(({ url, callbacksOf }) => ({ url, callbacksOf }))).toEqual([
      { url: undefined, callbacksOf: 'caller' },
    ]);
    const url = 'https://two.example/end';
    await cancelOne(store, undefined, caller);
    await cancelOne(store, url, other);
    const execution = await cancelOne(store, url, caller);
    const [one, ...more] = await store.takeDeliveries(bounds);
    expect(one).toMatchObject({ execution, webhook, target: { url, secret: 'whsec_new' } });
    expect(more).toEqual([]);
    await store.revokeToken(caller);
    const [late] = await store.takeDeliveries(bounds);
    expect(late?.target).toEqual({ problem: 'the token that asked for the callback is revoked or expired' });
  });
}
