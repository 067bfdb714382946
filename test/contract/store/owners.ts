import { expect } from 'bun:test';
import type { TokenView } from '#domain/admin-store.ts';
import type { ScopedStore } from '#domain/agent-store.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Store } from '#domain/store.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import { claim, completed, dispatch, join, LEASE_MS, type StoreContract } from './fixtures.ts';

/** What every store promises about workers of different owners. */
export function ownersContract({ test, open }: StoreContract): void {
  test("another owner's worker cannot be spoken for, with all that can be known of it", async () => {
    await using store = await open();
    const owner = `token:${(await saveWorkerToken(store)).id}`;
    const [mine, theirs] = [store.scopedTo(owner), store.scopedTo('token:777')];
    const session = await join(mine);
    const waiting = await dispatch(store, session);
    const running = await dispatch(store, session);
    const claimed = await claim(mine, session, { execution: running });
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
      owner,
    });
    expect(await theirs.register(registrationRequest('w1'), 0)).toMatchObject({ kind: 'not-yours' });
    const environment = { key: 'k', packRef: 'demo', runtime: 'python', checksum: 'c' };
    expect(await theirs.beginEnvironment(session, environment, LEASE_MS)).toEqual({ kind: 'taken' });
    expect(await mine.beginEnvironment(session, environment, LEASE_MS)).toEqual({ kind: 'mine' });
    const uploads = async (who: ScopedStore): Promise<readonly boolean[]> => [
      await who.mayUpload({ execution: running, attempt: claimed.attempt }),
      await who.mayUpload({ ...session, execution: running, attempt: claimed.attempt }),
      await who.mayUpload({ ...session, execution: running, attempt: claimed.attempt + 1 }),
    ];
    expect([await theirs.owns(session.worker), ...(await uploads(theirs))]).toEqual([false, false, false, false]);
    expect([await mine.owns(session.worker), ...(await uploads(mine))]).toEqual([true, true, true, false]);

    expect(await mine.heartbeat(session, LEASE_MS)).toMatchObject({ kind: 'alive' });
    await mine.appendLogs([chunk]);
    expect(await store.readLogs(running, { attempt: 0, seq: -1 }, 10)).toHaveLength(1);
    expect((await mine.settle([settlement])).accepted).toEqual([running]);
    expect(await mine.mayUpload({ ...session, execution: running, attempt: claimed.attempt })).toBe(false);
    await claim(mine, session, { execution: waiting });
  });

  test('the time and the place of a chunk of logs are not the word of a worker, and storing it again changes nothing', async () => {
    await using store = await open();
    const mine = store.scopedTo(`token:${(await saveWorkerToken(store)).id}`);
    const session = await join(mine);
    const execution = await dispatch(store, session);
    const { attempt } = await claim(mine, session, { execution });
    const chunk = (seq: number, said: Partial<LogChunk> = {}): LogChunk => ({
      ...{ execution, attempt, stream: 'stdout', seq, offset: 0, at: Date.now(), data: Buffer.from(`chunk ${seq};`) },
      ...said,
    });
    const before = Date.now();
    const first = [chunk(0, { offset: 900, at: 1 }), chunk(1, { stream: 'stderr' }), chunk(2, { at: before + 1e12 })];
    await Promise.all([mine.appendLogs(first), mine.appendLogs(first)]);
    await mine.appendLogs([...first, chunk(7, { offset: 4 }), chunk(7), chunk(4)]);
    await mine.appendLogs([chunk(5), chunk(7, { data: Buffer.from('another') })]);
    const stored = await store.readLogs(execution, { attempt, seq: -1 }, 20);
    expect(stored.map(({ stream, seq, offset, data }) => [stream, seq, offset, String(Buffer.from(data))])).toEqual([
      ['stdout', 0, 0, 'chunk 0;'],
      ['stderr', 1, 0, 'chunk 1;'],
      ['stdout', 2, 8, 'chunk 2;'],
      ['stdout', 4, 16, 'chunk 4;'],
      ['stdout', 7, 24, 'chunk 7;'],
    ]);
    for (const { at } of stored) expect(Math.abs(at - before)).toBeLessThan(600_000);
  });

  test('who may upload for a worker of a login knows its instance, while the claim lasts', async () => {
    await using store = await open();
    const [login, token] = [store.scopedTo('login:db'), store.scopedTo('token:888')];
    const session = await join(login);
    const execution = await dispatch(store, session);
    const { attempt } = await claim(login, session, { execution });
    expect(await token.mayUpload({ execution, attempt })).toBe(false);
    expect(await token.mayUpload({ execution, attempt, instance: 'another' })).toBe(false);
    expect(await token.mayUpload({ ...session, execution, attempt })).toBe(true);
    await login.settle([{ ...session, execution, attempt, verdict: completed }]);
    expect(await token.mayUpload({ ...session, execution, attempt })).toBe(false);
  });

  test('logs of an attempt that was lost still come from the worker that had it', async () => {
    await using store = await open();
    const [mine, theirs] = [store.scopedTo('token:888'), store.scopedTo('token:777')];
    const session = await join(mine);
    const execution = await dispatch(store, session);
    const { attempt } = await claim(mine, session, { execution: execution });
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
    await using store = await open();
    const token = await saveWorkerToken(store);
    const [mine, theirs] = [store.scopedTo(`token:${token.id}`), store.scopedTo('token:777')];
    const session = await join(mine);
    await mine.deregister(session);
    expect(await theirs.register(registrationRequest('w1'), LEASE_MS)).toMatchObject({ kind: 'not-yours' });
    await store.revokeToken(token.id);
    expect(await join(theirs)).toMatchObject({ worker: session.worker });
    const reserved = await store.assignWorkerName('w2', 'token:777');
    expect(await mine.register(registrationRequest('w2'), LEASE_MS)).toEqual({
      kind: 'not-yours',
      owner: 'token:777',
    });
    expect(await join(theirs, registrationRequest('w2'))).toMatchObject({ worker: reserved });
  });
}

/** Saves a token of the name `mine`. */
export async function saveWorkerToken(store: Store): Promise<TokenView> {
  const saved = await store.saveToken({ name: 'mine', hash: 'm', scopes: ['worker'], expiresAt: undefined });
  if (!saved) throw new Error('there is a token of this name already');
  return saved;
}
