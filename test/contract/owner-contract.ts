/** Workers of different owners know nothing of each other, and an execution's token is valid while it runs. */
import { expect } from 'bun:test';
import type { AgentStore } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Store } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { action, firstWorker, pack, registrationRequest } from './samples.ts';

type Test = (title: string, body: () => Promise<void>) => void;

const LEASE_MS = 60_000;
const hash = 'ab'.repeat(32);

/** `open` gives a new, empty store. */
export function ownerContract(test: Test, open: () => Promise<Store>): void {
  const opened = async (): Promise<Store> => {
    const store = await open();
    const actions = [action('echo'), action('asking', { apiScopes: ['read', 'submit'] })];
    await store.savePack({ pack, runtimes: [], actions });
    return store;
  };
  const join = async (store: AgentStore, name: string): Promise<WorkerSession> => {
    const who = registrationRequest(name);
    const registered = await store.register(who, LEASE_MS);
    if (registered.kind !== 'registered') throw new Error(registered.kind);
    return { worker: registered.worker, instance: who.instance };
  };
  /** Dispatched to the first worker. */
  const submit = async (store: Store, actionRef = 'demo.echo'): Promise<ExecutionId> => {
    const { executions } = await store.request([{ actionRef, parameters: { hidden: 'word' } }]);
    await store.schedule({ limit: () => 100, leaseMs: LEASE_MS }, firstWorker);
    return executions[0] ?? executionId(0);
  };
  const claim = async (
    store: AgentStore,
    session: WorkerSession,
    execution: ExecutionId,
  ): Promise<ClaimedExecution> => {
    const { claimed } = await store.claim(session, [{ execution, attempt: undefined, tokenHash: hash }], LEASE_MS);
    const [one] = claimed;
    if (!one) throw new Error('not claimed');
    return one;
  };
  const completed = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;

  test("another owner's worker cannot be spoken for, with all that can be known of it", async () => {
    await using store = await opened();
    const [mine, theirs] = [store.scopedTo('token:mine'), store.scopedTo('token:theirs')];
    await store.saveToken({ name: 'mine', hash: 'm', scopes: ['worker'], expiresAt: undefined });
    const session = await join(mine, 'w1');
    const waiting = await submit(store);
    const running = await submit(store);
    const claimed = await claim(mine, session, running);
    const offers = [waiting, running].map((execution) => ({ execution, attempt: undefined }));
    const chunk: LogChunk = {
      ...{ execution: running, attempt: claimed.attempt, stream: 'stdout', seq: 0, offset: 0, at: Date.now() },
      data: new TextEncoder().encode('forged'),
    };
    expect(await theirs.heartbeat(session, LEASE_MS)).toEqual({ kind: 'replaced' });
    expect((await theirs.claim(session, offers, LEASE_MS)).claimed).toEqual([]);
    const settlement = { ...session, execution: running, attempt: claimed.attempt, verdict: completed };
    expect((await theirs.settle([settlement])).accepted).toEqual([]);
    await theirs.appendLogs([chunk]);
    expect(await store.readLogs(running, { attempt: 0, seq: 0 }, 10)).toEqual([]);
    await theirs.beginDrain(session);
    await theirs.deregister(session);
    expect(await theirs.register(registrationRequest('w1'), LEASE_MS, session.instance)).toEqual({
      kind: 'not-yours',
      owner: 'token:mine',
    });
    expect(await theirs.register(registrationRequest('w1'), 0)).toMatchObject({ kind: 'not-yours' });
    const environment = { key: 'k', packRef: 'demo', runtime: 'python', checksum: 'c' };
    expect(await theirs.beginEnvironment(session, environment, LEASE_MS)).toEqual({ kind: 'taken' });
    expect(await mine.beginEnvironment(session, environment, LEASE_MS)).toEqual({ kind: 'mine' });
    expect([await theirs.owns(session.worker), await theirs.mayUpload(running, claimed.attempt)]).toEqual([
      false,
      false,
    ]);
    expect([await mine.owns(session.worker), await mine.mayUpload(running, claimed.attempt)]).toEqual([true, true]);

    expect(await mine.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive' });
    await mine.appendLogs([chunk]);
    expect(await store.readLogs(running, { attempt: 0, seq: -1 }, 10)).toHaveLength(1);
    expect((await mine.settle([settlement])).accepted).toEqual([running]);
    await claim(mine, session, waiting);
  });

  test('logs of an attempt that was lost still come from the worker that had it', async () => {
    await using store = await opened();
    const [mine, theirs] = [store.scopedTo('token:mine'), store.scopedTo('token:theirs')];
    const session = await join(mine, 'w1');
    const execution = await submit(store);
    const { attempt } = await claim(mine, session, execution);
    const again = { kind: 'again', reason: 'tired', delayMs: 0, result: {} } as const;
    await mine.settle([{ ...session, execution, attempt, verdict: again }]);
    const chunk: LogChunk = {
      execution,
      attempt,
      stream: 'stdout',
      seq: 0,
      offset: 0,
      at: Date.now(),
      data: new Uint8Array([65]),
    };
    await theirs.appendLogs([{ ...chunk, seq: 1 }]);
    await mine.appendLogs([chunk]);
    expect(await store.readLogs(execution, { attempt: 0, seq: -1 }, 10)).toHaveLength(1);
  });

  test('a name is free for others when its owner is gone, or when it is handed over', async () => {
    await using store = await opened();
    const token = await store.saveToken({ name: 'mine', hash: 'm', scopes: ['worker'], expiresAt: undefined });
    const [mine, theirs] = [store.scopedTo('token:mine'), store.scopedTo('token:theirs')];
    const session = await join(mine, 'w1');
    await mine.deregister(session);
    expect(await theirs.register(registrationRequest('w1'), LEASE_MS)).toMatchObject({ kind: 'not-yours' });
    await store.revokeToken(token.id);
    expect(await join(theirs, 'w1')).toMatchObject({ worker: session.worker });
    const reserved = await store.assignWorkerName('w2', 'token:theirs');
    expect(await mine.register(registrationRequest('w2'), LEASE_MS)).toEqual({
      kind: 'not-yours',
      owner: 'token:theirs',
    });
    expect(await join(theirs, 'w2')).toMatchObject({ worker: reserved });
  });

  test("an execution's token is valid while it runs, for an action that was granted one", async () => {
    await using store = await opened();
    const session = await join(store, 'w1');
    const silent = await claim(store, session, await submit(store));
    expect([silent.action?.hasApiToken, await store.findToken(hash)]).toEqual([false, undefined]);
    const asking = await claim(store, session, await submit(store, 'demo.asking'));
    expect(asking.action?.hasApiToken).toBe(true);
    const holder = { id: undefined, name: `execution ${asking.execution}`, scopes: ['read', 'submit'] as const };
    expect(await store.findToken(hash)).toEqual({ ...holder, scopes: [...holder.scopes] });
    expect((await store.listTokens()).map((one) => one.name)).not.toContain(holder.name);
    await store.settle([{ ...session, execution: asking.execution, attempt: asking.attempt, verdict: completed }]);
    expect(await store.findToken(hash)).toBeUndefined();
    await claim(store, session, await submit(store, 'demo.asking'));
    await store.heartbeat(session, 1);
    await Bun.sleep(20);
    expect(await store.findToken(hash)).toBeUndefined();
  });
}
