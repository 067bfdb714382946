/** What every Store does. Both adapters pass it; nothing here knows which one runs. */
import { expect } from 'bun:test';
import type { Settlement } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import type { RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { action, capabilities, firstWorker, pack, registrationRequest, runtime } from './samples.ts';

type Test = (title: string, body: () => Promise<void>) => void;

const LEASE_MS = 60_000;
const bounds = { limit: () => 100, leaseMs: LEASE_MS };

/** `open` gives a new, empty store. */
export function storeContract(test: Test, open: () => Promise<Store>): void {
  const opened = async (): Promise<Store> => {
    const store = await open();
    const actions = [
      action('echo'),
      action('flaky', { maxRetries: 2 }),
      action('gpu', { workerSelector: { gpu: 'yes' } }),
    ];
    await store.savePack({ pack, runtimes: [], actions });
    return store;
  };

  async function join(
    store: Store,
    who: RegistrationRequest = registrationRequest('w1'),
    leaseMs = LEASE_MS,
  ): Promise<WorkerSession> {
    const outcome = await store.register(who, leaseMs);
    if (outcome.kind !== 'registered') throw new Error(`not registered: ${outcome.kind}`);
    return { worker: outcome.worker, instance: who.instance };
  }

  async function submit(store: Store, actionRef = 'demo.echo', count = 1): Promise<readonly ExecutionId[]> {
    const requests = Array.from({ length: count }, (_, n) => ({ actionRef, parameters: { n } }));
    const { executions } = await store.request(requests);
    return executions.flatMap((one) => one ?? []);
  }

  async function start(store: Store, session: WorkerSession, actionRef = 'demo.echo'): Promise<ClaimedExecution> {
    const [execution] = await submit(store, actionRef);
    await store.schedule(bounds, firstWorker);
    const { claimed } = await store.claim(
      session,
      [{ execution: execution ?? executionId(0), attempt: undefined }],
      LEASE_MS,
    );
    const [one] = claimed;
    if (!one) throw new Error('not claimed');
    return one;
  }

  const statusOf = async (store: Store, execution: ExecutionId): Promise<string | undefined> =>
    (await store.readExecution(execution))?.status;

  const ended = (
    session: WorkerSession,
    { execution, attempt }: ClaimedExecution,
    verdict: Settlement['verdict'],
  ): Settlement => ({
    ...session,
    execution,
    attempt,
    verdict,
  });

  const completed: Settlement['verdict'] = {
    kind: 'final',
    status: 'completed',
    result: { succeeded: true, data: { a: [1] } },
  };

  const kinds = (messages: readonly OutboxMessage[]): readonly string[] =>
    messages
      .map(
        ({ messageType, payload }) =>
          `${messageType}${payload['new_status'] ? ` ${payload['previous_status']}→${payload['new_status']}` : ''}`,
      )
      .toSorted();

  test('a worker registers, keeps its id over restarts, and its name is refused to a second process while it lives', async () => {
    await using store = await opened();
    const first = registrationRequest('w1');
    const session = await join(store, first);
    expect(await store.register(first, LEASE_MS)).toMatchObject({ kind: 'registered', worker: session.worker });
    const second = registrationRequest('w1', { host: 'host-2' });
    const refused = await store.register(second, LEASE_MS);
    expect(refused).toMatchObject({ kind: 'name-taken', host: 'host-1', pid: 42 });
    await Bun.sleep(2);
    await store.heartbeat(session, LEASE_MS);
    const later = await store.register(second, LEASE_MS);
    expect(later.kind === 'name-taken' && refused.kind === 'name-taken' && later.heartbeat !== refused.heartbeat).toBe(
      true,
    );
    expect(refused).toMatchObject({ instance: first.instance, process: 'boot:1:42' });
    await Bun.sleep(2);
    expect(await store.register(second, 1)).toMatchObject({ kind: 'registered', worker: session.worker });
    expect(await store.heartbeat(session, LEASE_MS)).toEqual({ kind: 'replaced' });
  });

  test('a process that is known to have ended is replaced at once', async () => {
    await using store = await opened();
    const first = registrationRequest('w1');
    const session = await join(store, first);
    const second = registrationRequest('w1');
    expect(await store.register(second, LEASE_MS, 'somebody else')).toMatchObject({ kind: 'name-taken' });
    expect(await store.register(second, LEASE_MS, first.instance)).toMatchObject({
      kind: 'registered',
      worker: session.worker,
    });
  });

  test('a worker that has deregistered leaves its name free at once', async () => {
    await using store = await opened();
    const session = await join(store);
    await store.deregister(session);
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([{ name: 'w1', status: 'inactive', isFresh: false }]);
    expect(await store.register(registrationRequest('w1'), LEASE_MS)).toMatchObject({
      kind: 'registered',
      worker: session.worker,
    });
    expect(await store.listWorkers(LEASE_MS)).toMatchObject([
      { name: 'w1', status: 'active', isFresh: true, slots: 4, runtimes: ['shell', 'python'], host: 'host-1' },
    ]);
  });

  test('an execution goes from request to result, and each step leaves its messages in the outbox', async () => {
    await using store = await opened();
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
        action_ref: 'demo.echo',
        attempt: 1,
      },
    });
    expect(Date.parse(String(dispatch?.payload['scheduled_attempt_updated_at']))).toBeGreaterThan(0);
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
    const waiting = await store.unpublished(100, 0);
    expect(waiting.map((one) => one.outboxId).toSorted()).toEqual(
      [requested, scheduled ?? { messages: [] }, { messages }, settled]
        .flatMap((one) => one.messages.map((message) => message.outboxId))
        .toSorted(),
    );
    await store.forget(waiting.map((one) => one.outboxId));
    expect(await store.unpublished(100, 0)).toEqual([]);
  });

  test('messages wait in the outbox as they were first said, and young ones are left to their publisher', async () => {
    await using store = await opened();
    const { messages } = await store.request([{ actionRef: 'demo.echo', parameters: {} }]);
    expect(await store.unpublished(10, 60_000)).toEqual([]);
    expect(await store.unpublished(10, 0)).toEqual(messages);
  });

  test('a claim is a compare-and-set on attempt, worker and process', async () => {
    await using store = await opened();
    const session = await join(store);
    const other = await join(store, registrationRequest('w2'));
    const [execution = executionId(0)] = await submit(store);
    const offers = [{ execution, attempt: 1 }];
    expect((await store.claim(session, offers, LEASE_MS)).claimed).toEqual([]);
    await store.schedule(bounds, firstWorker);
    expect((await store.claim(other, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim({ ...session, instance: 'another process' }, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [{ execution, attempt: 2 }], LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [...offers, ...offers], LEASE_MS)).claimed.length).toBeGreaterThanOrEqual(1);
    expect((await store.claim(session, offers, LEASE_MS)).claimed).toHaveLength(
      1,
    ); /* the answer was lost: asked again */
    expect((await store.claim(other, offers, LEASE_MS)).claimed).toEqual([]);
    expect((await store.claim(session, [{ execution: executionId(999_999), attempt: 1 }], LEASE_MS)).claimed).toEqual(
      [],
    );
  });

  test('a result is accepted once, from the holder of the claim only', async () => {
    await using store = await opened();
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
    await using store = await opened();
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
    await using store = await opened();
    const session = await join(store);
    const claimed = await start(store, session);
    const result = { succeeded: true, stdout: 'a\0b \ud800 c \\u0000 d', 'k\0': 1 };
    await store.settle([ended(session, claimed, { kind: 'final', status: 'completed', result })]);
    const stored = (await store.readExecution(claimed.execution))?.result as { stdout: string };
    expect(stored.stdout.replace('\0', '\ufffd').toWellFormed()).toBe('a\ufffdb \ufffd c \\u0000 d');
  });

  test('a hand-back is requested again with its reason, counts as a retry, and waits for its delay', async () => {
    await using store = await opened();
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
    await Bun.sleep(2);
    expect(await store.schedule(bounds, firstWorker)).toMatchObject({
      dispatched: 1,
      messages: [{ payload: { attempt: 2 } }],
    });
    expect((await store.claim(session, [{ execution: soon.execution, attempt: 1 }], LEASE_MS)).claimed).toEqual([]);
  });

  test('the heartbeat renews every lease and tells what is held and what shall end', async () => {
    await using store = await opened();
    const session = await join(store);
    const one = await start(store, session);
    const two = await start(store, session);
    await store.cancel(two.execution, 'a test');
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive', isCordoned: false });
    const beat = await store.heartbeat(session, 1);
    const claims =
      beat.kind === 'alive' ? beat.claims.toSorted((a, b) => Number(a.execution) - Number(b.execution)) : [];
    expect(claims).toEqual([
      { execution: one.execution, attempt: 1, isCanceling: false },
      { execution: two.execution, attempt: 1, isCanceling: true },
    ]);
    await Bun.sleep(5);
    await store.heartbeat(session, LEASE_MS);
    expect((await store.recoverLost(10)).executions).toEqual([]);
  });

  test('what a lost worker held is abandoned, tried again while retries are left, or cancelled', async () => {
    await using store = await opened();
    const session = await join(store);
    const plain = await start(store, session);
    const flaky = await start(store, session, 'demo.flaky');
    const doomed = await start(store, session);
    await store.cancel(doomed.execution, 'a test');
    expect((await store.recoverLost(10)).executions).toEqual([]);
    await store.heartbeat(session, 1);
    await Bun.sleep(5);
    const { executions, messages } = await store.recoverLost(10);
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
    await using store = await opened();
    const session = await join(store);
    const flaky = await start(store, session, 'demo.flaky');
    await Bun.sleep(2);
    await join(store, registrationRequest('w1'), 1);
    await Bun.sleep(2);
    expect((await store.recoverLost(10)).executions).toMatchObject([
      { execution: flaky.execution, status: 'requested' },
    ]);
  });

  test('draining returns what was scheduled, keeps what runs, and takes the worker out of the choice', async () => {
    await using store = await opened();
    const session = await join(store);
    const running = await start(store, session);
    const [waiting = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    expect(kinds((await store.beginDrain(session)).messages)).toEqual(['ExecutionStatusChanged scheduled→requested']);
    expect(await store.readExecution(waiting)).toMatchObject({ status: 'requested', retryCount: 0, worker: undefined });
    await store.heartbeat(session, LEASE_MS);
    const seen: WorkerLoad[] = [];
    await store.schedule(bounds, (_, workers) => {
      seen.push(...workers);
      return [];
    });
    expect(seen).toMatchObject([{ isFresh: false, assigned: 1 }]);
    expect((await store.settle([ended(session, running, completed)])).accepted).toEqual([running.execution]);
  });

  test('the scheduler sees requirements and loads, and at most so many executions of each action', async () => {
    await using store = await opened();
    await join(
      store,
      registrationRequest('w1', {
        capabilities: capabilities({
          labels: { gpu: 'yes' },
          taints: [{ key: 'k', value: 'v', effect: 'no_schedule' }],
        }),
      }),
    );
    await submit(store, 'demo.echo', 30);
    await submit(store, 'demo.gpu', 2);
    await store.request([{ actionRef: 'demo.echo', parameters: {}, selector: { zone: 'b' } }]);
    const seen: { requests: RequestedExecution[]; workers: WorkerLoad[] } = { requests: [], workers: [] };
    await store.schedule({ ...bounds, limit: () => 5 }, (requests, workers) => {
      seen.requests.push(...requests);
      seen.workers.push(...workers);
      return [];
    });
    const refs = seen.requests.map((one) => one.actionRef);
    expect([refs.filter((ref) => ref === 'demo.echo').length, refs.filter((ref) => ref === 'demo.gpu').length]).toEqual(
      [5, 2],
    );
    expect(seen.requests.find((one) => one.actionRef === 'demo.gpu')).toMatchObject({
      hasOwnRequirements: false,
      requirements: {
        runtime: 'shell',
        selector: { gpu: 'yes' },
        tolerations: [],
        affinity: { required: [], preferred: [] },
        requiredRuntimes: [],
      },
    });
    expect(seen.workers).toMatchObject([
      {
        name: 'w1',
        isFresh: true,
        isCordoned: false,
        slots: 4,
        assigned: 0,
        labels: { gpu: 'yes' },
        runtimes: ['shell', 'python'],
        runtimeVersions: { python: ['3.12.1', '3.9.2'] },
        taints: [{ key: 'k', value: 'v', effect: 'no_schedule' }],
      },
    ]);
    const all: RequestedExecution[] = [];
    await store.schedule(bounds, (requests) => {
      all.push(...requests);
      return [];
    });
    expect(all.filter((one) => one.hasOwnRequirements)).toMatchObject([{ requirements: { selector: { zone: 'b' } } }]);
  });

  test('decisions are carried out: postponed ones stay away, given-up ones end with the reason', async () => {
    await using store = await opened();
    const [late = executionId(0), hopeless = executionId(0)] = await submit(store, 'demo.gpu', 2);
    const scheduled = await store.schedule(bounds, () => [
      { kind: 'postpone', execution: late, delayMs: 60_000 },
      { kind: 'give-up', execution: hopeless, reason: 'no worker has gpu=yes' },
    ]);
    expect(scheduled).toMatchObject({ dispatched: 0, givenUp: 1 });
    expect(kinds(scheduled?.messages ?? [])).toEqual([
      'ExecutionCompleted',
      'ExecutionStatusChanged requested→timeout',
    ]);
    expect(await store.readExecution(hopeless)).toMatchObject({
      status: 'timeout',
      result: { succeeded: false, error: 'no worker has gpu=yes' },
    });
    let seen = -1;
    await store.schedule(bounds, (requests) => {
      seen = requests.length;
      return [];
    });
    expect([seen, await statusOf(store, late)]).toEqual([0, 'requested']);
  });

  test('a plan that throws changes nothing', async () => {
    await using store = await opened();
    await join(store);
    const [execution = executionId(0)] = await submit(store);
    const failing = store.schedule(bounds, () => {
      throw new Error('a defect');
    });
    await expect(failing).rejects.toThrow('a defect');
    expect(await store.schedule(bounds, firstWorker)).toMatchObject({ dispatched: 1 });
    expect(await store.readExecution(execution)).toMatchObject({ attempt: 1 });
  });

  test('what a gone or full worker has not claimed is taken back without a retry, and dispatched again otherwise', async () => {
    await using store = await opened();
    const session = await join(
      store,
      registrationRequest('w1', { capabilities: capabilities({ max_concurrent_executions: 1 }) }),
    );
    const [execution = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 0 })).executions).toEqual([]);
    expect((await store.dispatchAgain(60_000)).messages).toEqual([]);
    await Bun.sleep(2);
    expect((await store.dispatchAgain(0)).messages).toMatchObject([
      {
        routingKey: `execution.dispatch.worker.${session.worker}`,
        payload: { execution_id: Number(execution), attempt: 1 },
      },
    ]);
    await store.claim(session, [{ execution, attempt: 1 }], LEASE_MS);
    const [second = executionId(0)] = await submit(store);
    await store.schedule(bounds, firstWorker);
    await Bun.sleep(2);
    expect((await store.takeBack({ leaseMs: LEASE_MS, olderThanMs: 0 })).executions).toEqual([
      { execution: second, status: 'requested', reason: 'worker w1 had no free slot' },
    ]);
    await store.schedule(bounds, firstWorker);
    await Bun.sleep(2);
    expect((await store.takeBack({ leaseMs: 1, olderThanMs: 60_000 })).executions).toEqual([
      { execution: second, status: 'requested', reason: 'worker w1 is gone' },
    ]);
    expect(await store.readExecution(second)).toMatchObject({ status: 'requested', retryCount: 0, attempt: 2 });
  });

  test('a cancel ends what has not begun, asks the worker for what runs, and leaves the rest', async () => {
    await using store = await opened();
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

  test('logs are kept byte for byte, in order, once, and read from any place', async () => {
    await using store = await opened();
    const session = await join(store);
    const { execution } = await start(store, session);
    const all = new Uint8Array(256).map((_, n) => n);
    const chunk = (seq: number, stream: LogChunk['stream'], data: Uint8Array): LogChunk => ({
      execution,
      attempt: 1,
      stream,
      seq,
      offset: seq * 10,
      data,
      at: 1_700_000_000_000 + seq,
    });
    const chunks = [
      chunk(0, 'stdout', all),
      chunk(1, 'stderr', Buffer.from('oops\n')),
      chunk(2, 'stdout', new Uint8Array()),
    ];
    await store.appendLogs(chunks.slice(0, 2));
    await store.appendLogs(chunks);
    const read = await store.readLogs(execution, { attempt: 0, seq: -1 }, 10);
    expect(read.map(({ data, ...rest }) => ({ ...rest, data: [...data] }))).toEqual(
      chunks.map(({ data, ...rest }) => ({ ...rest, data: [...data] })),
    );
    expect((await store.readLogs(execution, { attempt: 1, seq: 0 }, 1)).map((one) => one.seq)).toEqual([1]);
    expect(await store.readLogs(execution, { attempt: 1, seq: 2 }, 10)).toEqual([]);
  });

  test('old days of logs are dropped, young ones stay', async () => {
    await using store = await opened();
    const session = await join(store);
    const { execution } = await start(store, session);
    expect(await store.keepLogs(7)).toEqual([]);
    const chunk = { execution, attempt: 1, stream: 'stdout', offset: 0, data: Buffer.from('x') } as const;
    await store.appendLogs([
      { ...chunk, seq: 0, at: Date.now() },
      { ...chunk, seq: 1, at: Date.now() - 30 * 86_400_000 },
    ]);
    await store.keepLogs(7);
    expect((await store.readLogs(execution, { attempt: 0, seq: -1 }, 10)).map((one) => one.seq)).toEqual([0]);
  });

  test('ephemeral workers are forgotten some time after their end, unless they hold something', async () => {
    await using store = await opened();
    const ephemeral = capabilities({ ephemeral: true });
    const idle = await join(store, registrationRequest('idle', { capabilities: ephemeral }));
    const busy = await join(store, registrationRequest('busy', { capabilities: ephemeral }));
    await join(store, registrationRequest('lasting'));
    await store.deregister(idle);
    await start(store, busy);
    expect(await store.forgetWorkers(60_000)).toEqual([]);
    await Bun.sleep(20);
    expect(await store.forgetWorkers(1)).toEqual(['idle']);
    expect((await store.listWorkers(60_000)).map((one) => one.name).toSorted()).toEqual(['busy', 'lasting']);
  });

  test('an execution outlives the ephemeral worker that ran it', async () => {
    await using store = await opened();
    const session = await join(
      store,
      registrationRequest('brief', { capabilities: capabilities({ ephemeral: true }) }),
    );
    const claimed = await start(store, session);
    await store.settle([ended(session, claimed, completed)]);
    await store.deregister(session);
    await Bun.sleep(20);
    expect(await store.forgetWorkers(1)).toEqual(['brief']);
    expect(await statusOf(store, claimed.execution)).toBe('completed');
  });

  test('requests for an action that does not exist are refused, the others go on', async () => {
    await using store = await opened();
    const { executions, messages } = await store.request(
      ['demo.echo', 'demo.none', 'demo.echo'].map((actionRef) => ({ actionRef, parameters: {} })),
    );
    expect(executions.map((one) => one !== undefined)).toEqual([true, false, true]);
    expect(messages).toHaveLength(2);
    expect(await store.readExecution(executionId(999_999))).toBeUndefined();
  });

  test('an action is found with the schema of its parameters', async () => {
    await using store = await opened();
    const parameterSchema = { type: 'object', properties: { n: { type: 'integer' } } };
    const typed = action('typed', { parameterSchema, description: 'with a schema' });
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), typed] });
    expect(await store.findAction('demo.typed')).toEqual({
      actionRef: 'demo.typed',
      label: 'typed',
      description: 'with a schema',
      packRef: 'demo',
      runtime: 'shell',
      runtimeVersion: undefined,
      parameterSchema,
    });
    expect(await store.findAction('demo.echo')).toMatchObject({ parameterSchema: undefined });
    expect(await store.findAction('demo.none')).toBeUndefined();
  });

  test('a pack saved again replaces its actions', async () => {
    await using store = await opened();
    const changes = { runtime: runtime('python'), runtimeVersion: '>=3.9', maxRetries: 5, timeoutSeconds: 3 };
    await store.savePack({ pack, runtimes: [], actions: [action('echo', changes)] });
    expect((await store.listActions('demo')).map((one) => one.actionRef)).toEqual(['demo.echo']);
    const session = await join(store);
    expect(await start(store, session)).toMatchObject({
      maxRetries: 5,
      action: { runtime: 'python', versionConstraint: '>=3.9', timeoutSeconds: 3 },
    });
  });

  test('dead letters are kept whatever they hold', async () => {
    await using store = await opened();
    await store.saveDeadLetter({
      queue: 'q',
      exchange: '',
      routingKey: 'k\0',
      reason: 'no JSON',
      body: new Uint8Array([0, 255]),
    });
  });

  test('nothing that anybody else schedules at the same time is dispatched twice', async () => {
    await using store = await opened();
    await join(store);
    await submit(store, 'demo.echo', 60);
    const passes = await Promise.all(
      Array.from({ length: 8 }, () => store.schedule({ ...bounds, limit: () => 20 }, firstWorker)),
    );
    let dispatched = passes.reduce((sum, one) => sum + (one?.dispatched ?? 0), 0);
    for (let more = 1; more > 0; dispatched += more)
      more = (await store.schedule(bounds, firstWorker))?.dispatched ?? 0;
    expect(dispatched).toBe(60);
    const bells = (await store.unpublished(1000, 0)).filter((one) => one.routingKey.startsWith('execution.dispatch'));
    expect([bells.length, new Set(bells.map((one) => one.payload['execution_id'])).size]).toEqual([60, 60]);
  });
}
