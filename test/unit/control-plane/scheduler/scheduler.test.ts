import { expect, test } from 'bun:test';
import { createNotifier } from '#control-plane/scheduler/notifier.ts';
import { runScheduler } from '#control-plane/scheduler/scheduler.ts';
import type { ConsumeOptions, DeadDelivery } from '#domain/broker.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { Hint, OutboxMessage } from '#domain/messages.ts';
import { noAffinity } from '#domain/requirements.ts';
import type {
  DeadLetter,
  Decision,
  Recovered,
  RequestedExecution,
  ScheduleBounds,
  WorkerLoad,
} from '#domain/schedule-store.ts';
import { createSilence } from '#domain/silence.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const nothing: Recovered = { executions: [], messages: [] };

function load(id: number, changes: Partial<WorkerLoad> = {}): WorkerLoad {
  return {
    worker: workerId(id),
    name: `w${id}`,
    runtimes: ['shell'],
    runtimeVersions: {},
    labels: {},
    taints: [],
    isCordoned: false,
    isPaused: false,
    isFresh: true,
    isAvoided: false,
    slots: 4,
    assigned: 0,
    ...changes,
  };
}

function request(id: number, ageMs = 0): RequestedExecution {
  const requirements = {
    runtime: 'shell',
    versionConstraint: undefined,
    requiredRuntimes: [],
    selector: {},
    tolerations: [],
    affinity: noAffinity,
  };
  return { execution: executionId(id), actionRef: 'demo.act', ageMs, requirements };
}

/** A scheduler that has begun at 0. Its database notes each pass; it can be away, and have work. */
function openScheduler() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const state = {
    failure: undefined as Error | undefined,
    requests: [] as readonly RequestedExecution[],
    workers: [] as readonly WorkerLoad[],
    recovered: nothing,
    sawAll: undefined as boolean | undefined,
  };
  const passes: { readonly at: number; readonly limit: number; readonly decisions: readonly Decision[] }[] = [];
  const consumers = new Map<string, ConsumeOptions>();
  const closed: string[] = [];
  const published: (OutboxMessage | Hint)[] = [];
  const letters: string[] = [];
  const observed = { waits: [] as number[], returns: 0 };
  const schedule = async (
    { limit }: ScheduleBounds,
    plan: (requests: readonly RequestedExecution[], workers: readonly WorkerLoad[]) => readonly Decision[],
  ) => {
    const pass = { at: clock.monotonic(), limit: limit(state.workers), decisions: [] as readonly Decision[] };
    passes.push(pass);
    if (state.failure) throw state.failure;
    const taken = state.requests.slice(0, pass.limit);
    const decisions = plan(taken, state.workers);
    Object.assign(pass, { decisions });
    const decided = decisions.map((one) => one.execution);
    state.requests = state.requests.filter((one) => !decided.includes(one.execution));
    return {
      dispatched: decisions.filter((one) => one.kind === 'dispatch').length,
      givenUp: decisions.filter((one) => one.kind === 'give-up').length,
      hasMore: false,
      ...(state.sawAll === undefined ? {} : { sawAll: state.sawAll }),
      messages: decided.map((id) => ({ outboxId: id }) as unknown as OutboxMessage),
    };
  };
  const silence = createSilence(clock, { who: 'database', lateMs: 3000 });
  const running = runScheduler(
    {
      store: {
        schedule,
        keepLogs: async () => [],
        dispatchAgain: async () => nothing,
        recoverLost: async () => state.recovered,
        takeBack: async () => nothing,
        endStale: async () => [],
        publishEvents: async () => {},
        forgetWorkers: async () => [],
        saveDeadLetter: async (letter: DeadLetter) => {
          if (state.failure) throw state.failure;
          letters.push(letter.reason);
        },
      },
      broker: {
        consume: ({ name }, options) => {
          consumers.set(name, options);
          const close = async (): Promise<void> => void closed.push(name);
          return { ready: Promise.resolve(), remove: close, empty: close, [Symbol.asyncDispose]: close };
        },
        publish: async () => {},
        hint: () => {},
        trouble: () => undefined,
        [Symbol.asyncDispose]: async () => {},
      },
      relay: {
        publish: (messages) => void published.push(...messages),
        sweep: (signal) => clock.sleep(Number.POSITIVE_INFINITY, signal),
        idle: async () => {},
      },
      clock,
      silence,
      notifier: createNotifier(clock),
      logger: loggerOf(() => {}),
      observer: { scheduled: (ms) => observed.waits.push(ms), databaseBack: () => observed.returns++ },
    },
    {
      leaseMs: 60_000,
      redispatchMs: 10_000,
      logRetentionDays: 14,
      forgetWorkersMs: 60_000,
      publishesEvents: false,
      schedulingDeadlineMs: 1000,
    },
    stop.signal,
  );
  const notify = (queue = 'attune.execution.requests.queue'): number => {
    let acknowledged = 0;
    consumers.get(queue)?.onMessage({
      message: { kind: 'execution-changed', execution: executionId(1) },
      acknowledge: () => {
        acknowledged++;
      },
      giveBack: () => {},
    });
    return acknowledged;
  };
  const times = (): readonly number[] => passes.map((one) => one.at);
  return {
    observed,
    clock,
    stop,
    running,
    silence,
    state,
    passes,
    times,
    consumers,
    closed,
    published,
    letters,
    notify,
  };
}

test('a database that refuses its passes is worth a word, until one is answered', async () => {
  const { clock, silence, state } = openScheduler();
  state.failure = new Unavailable('a lock that it needs is held');
  await clock.advance(5000);
  expect(silence.trouble()?.word).toBe('database');
  state.failure = undefined;
  await clock.advance(1000);
  expect(silence.trouble()).toBeUndefined();
});

test('without any message it asks the database twice a second', async () => {
  const { clock, times } = openScheduler();
  await clock.advance(1499);
  expect(times()).toEqual([0, 500, 1000]);
});

test('a message of a request or of an end is acknowledged and wakes it', async () => {
  const { clock, times, notify } = openScheduler();
  await clock.advance(100);
  expect(notify('attune.execution.requests.queue')).toBe(1);
  await clock.settle();
  await clock.advance(100);
  expect(notify('attune.execution.completed.queue')).toBe(1);
  await clock.settle();
  expect(times()).toEqual([0, 100, 200]);
});

test('what it dispatches is published; after a pass that found something the next one comes 10 ms later', async () => {
  const { clock, state, passes, times, published } = openScheduler();
  state.workers = [load(1)];
  state.requests = [1, 2, 3, 4, 5, 6].map((id) => request(id));
  await clock.advance(500);
  state.workers = [load(1, { assigned: 2 })];
  await clock.advance(20);
  expect(times()).toEqual([0, 500, 510, 520]);
  expect(passes.map((one) => one.decisions.length)).toEqual([0, 4, 2, 0]);
  expect(passes[1]?.decisions[0]).toEqual({ kind: 'dispatch', execution: executionId(1), worker: workerId(1) });
  expect(published.map((one) => one.outboxId)).toEqual(['1', '2', '3', '4', '5', '6']);
});

test('after a pass that has seen all that waited the next one waits for a message', async () => {
  const { clock, state, times, notify } = openScheduler();
  Object.assign(state, { workers: [load(1)], requests: [request(1), request(2)], sawAll: true });
  await clock.advance(499);
  expect(times()).toEqual([0]);
  state.requests = [request(3)];
  notify();
  await clock.settle();
  notify();
  await clock.advance(10);
  expect(times()).toEqual([0, 499, 500]);
});

test('an end wakes it only while something may wait for the room that it makes', async () => {
  const { clock, state, times, notify } = openScheduler();
  const end = async (): Promise<void> => {
    notify('attune.execution.completed.queue');
    await clock.advance(10);
  };
  await clock.advance(100);
  Object.assign(state, { workers: [load(1)], requests: [request(1)], sawAll: true });
  notify();
  await clock.advance(10);
  await end();
  expect(times()).toEqual([0, 100]);
  Object.assign(state, { workers: [load(1, { assigned: 100 })], requests: [request(2)], sawAll: false });
  notify();
  await clock.advance(10);
  await end();
  expect(times()).toEqual([0, 100, 120, 130]);
});

test('it takes no more than its workers have room for, two hundred at most', async () => {
  const { clock, state, passes, notify } = openScheduler();
  const pass = async (...workers: readonly WorkerLoad[]): Promise<number | undefined> => {
    state.workers = workers;
    await clock.advance(1);
    notify();
    await clock.settle();
    return passes.at(-1)?.limit;
  };
  await clock.settle();
  expect(await pass(load(1), load(2, { slots: 3, assigned: 1 }))).toBe(6);
  expect(await pass(load(1, { slots: 1000 }))).toBe(200);
  expect(await pass(load(1, { assigned: 4 }), load(2, { assigned: 9 }))).toBe(0);
  expect(await pass(load(1, { isFresh: false }), load(2, { isCordoned: true }), load(3, { slots: 2 }))).toBe(2);
});

test('while every worker is full it looks at ten twice a second: perhaps nobody could ever run them', async () => {
  const { clock, state, passes, notify } = openScheduler();
  state.workers = [load(1, { assigned: 4 })];
  await clock.advance(500);
  await clock.advance(1);
  notify();
  await clock.settle();
  expect(passes.map(({ at, limit }) => [at, limit])).toEqual([
    [0, 10],
    [500, 10],
    [501, 0],
  ]);
});

test('what nobody can run waits until its deadline, and is then given up', async () => {
  const { clock, state, passes } = openScheduler();
  state.workers = [load(1, { runtimes: ['python'] })];
  state.requests = [request(1, 999), request(2, 1000)];
  await clock.advance(500);
  expect(passes[1]?.decisions).toMatchObject([
    { kind: 'give-up', execution: '2', reason: expect.stringContaining('no worker could run it within 1 s') },
  ]);
});

test('a worker that takes many short executions is given more than its slots', async () => {
  const { clock, state, passes, notify, observed } = openScheduler();
  await clock.settle();
  state.workers = [load(1, { slots: 100 })];
  state.requests = Array.from({ length: 100 }, (_, id) => request(id));
  notify();
  await clock.settle();
  expect(observed.waits).toEqual(Array.from({ length: 100 }, () => request(0).ageMs));
  state.workers = [load(1, { assigned: 4 })];
  await clock.advance(10);
  expect(passes.map(({ at, limit }) => [at, limit])).toEqual([
    [0, 10],
    [0, 100],
    [10, 5],
  ]);
});

test('while the database is away it tries again after half a second or so', async () => {
  const { clock, state, times, observed } = openScheduler();
  await clock.settle();
  state.failure = new Unavailable('no database');
  await clock.advance(1500);
  expect(times()).toEqual([0, 500, 1000, 1500]);
  expect(observed.returns).toBe(0);
  state.failure = undefined;
  await clock.advance(1000);
  expect(observed.returns).toBe(1);
});

test('what its monitor has recovered is scheduled at once', async () => {
  const { clock, state, times } = openScheduler();
  await clock.advance(59_999);
  const before = times().length;
  state.recovered = { ...nothing, executions: [{ execution: executionId(1), status: 'requested', reason: 'lost' }] };
  await clock.advance(1);
  state.recovered = nothing;
  expect(times().slice(before)).toEqual([60_000, 60_000]);
});

test('a dead letter is acknowledged once it is kept, however long the database is away', async () => {
  const { clock, state, consumers, letters } = openScheduler();
  let acknowledged = 0;
  const letter: DeadDelivery = {
    queue: 'q',
    exchange: 'x',
    routingKey: 'k',
    reason: 'expired',
    body: new Uint8Array(),
    acknowledge: () => {
      acknowledged++;
    },
  };
  state.failure = new Unavailable('no database');
  consumers.get('attune.dead_letters.queue')?.onDeadLetter?.(letter);
  await clock.advance(9999);
  expect([letters, acknowledged]).toEqual([[], 0]);
  state.failure = undefined;
  await clock.advance(1);
  expect([letters, acknowledged]).toEqual([['expired'], 1]);
});

test('told to stop, it ends at once and closes its queues', async () => {
  const { clock, stop, running, closed, times } = openScheduler();
  await clock.advance(100);
  stop.abort();
  await running;
  await clock.advance(5000);
  expect(times()).toEqual([0]);
  expect(closed.toSorted()).toEqual([
    'attune.dead_letters.queue',
    'attune.execution.completed.queue',
    'attune.execution.requests.queue',
  ]);
  expect(clock.sleepers()).toEqual([]);
});

test('a defect ends it', async () => {
  const { clock, running, state } = openScheduler();
  await clock.settle();
  state.failure = new TypeError('a defect');
  const end = running.catch((error: unknown) => String(error));
  await clock.advance(500);
  expect(await end).toBe('TypeError: a defect');
});
