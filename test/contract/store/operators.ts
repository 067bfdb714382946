import { expect } from 'bun:test';
import { HOUR_MS } from '#domain/durations.ts';
import { executionId } from '#domain/ids.ts';
import { action, pack, registrationRequest } from '#test/contract/samples.ts';
import { claim, dispatch, ended, join, LEASE_MS, type StoreContract, start, submitOne } from './fixtures.ts';

const hour = { windowMs: HOUR_MS, most: 1000, leaseMs: LEASE_MS };

/** What every store promises to those who ask what happens and why something waits. */
export function operatorsContract({ test, open }: StoreContract): void {
  test('activity looks at what was active in the last hour, and at a part of it where it is much', async () => {
    await using store = await open();
    expect(await store.readActivity(hour)).toMatchObject({ step: 1, executions: [], slots: 0 });
    const session = await join(store);
    const one = await start(store, session);
    await store.settle([ended(session, one, { kind: 'final', status: 'failed', result: {} })]);
    await start(store, session);
    await submitOne(store);
    const found = await store.readActivity(hour);
    const within = (at: number | undefined): boolean => at !== undefined && Math.abs(found.now - at) < HOUR_MS;
    expect(
      found.executions.map(({ created, started, ended: end, hasFailed }) => [
        ...[within(created), within(started), within(end), hasFailed],
      ]),
    ).toEqual([
      [true, true, true, true],
      [true, true, false, false],
      [true, false, false, false],
    ]);
    expect(found.slots).toBeGreaterThan(0);
    const part = await store.readActivity({ ...hour, most: 2 });
    expect(part.step).toBeGreaterThan(1);
    expect(part.executions.length).toBeLessThanOrEqual(2);
  });

  test('each attempt of an execution has its worker and its times', async () => {
    await using store = await open();
    expect(await store.readAttempts(executionId('99'))).toBeUndefined();
    const session = await join(store);
    const execution = await dispatch(store, session);
    expect(await store.readAttempts(execution)).toMatchObject([
      { scheduledAt: expect.any(String), claimedAt: undefined },
    ]);
    const first = await claim(store, session, { execution });
    await store.settle([
      ended(session, first, {
        kind: 'again',
        reason: 'it broke',
        delayMs: 0,
        result: { prepared_ms: 4.5, duration_ms: 7 },
      }),
    ]);
    const [handedBack, ...none] = (await store.readAttempts(execution)) ?? [];
    const times = { scheduledAt: expect.any(String), claimedAt: expect.any(String), endedAt: expect.any(String) };
    expect(handedBack).toMatchObject({ ...times, workerName: 'w1', reason: 'it broke', preparedMs: 4.5, ranMs: 7 });
    expect(none).toEqual([]);
    const second = await startAgain();
    /* A worker may report what is no duration. */
    const odd = { prepared_ms: 'long', duration_ms: -1 };
    await store.settle([ended(session, second, { kind: 'again', reason: 'again', delayMs: 0, result: odd })]);
    expect((await store.readAttempts(execution))?.[1]).toMatchObject({ preparedMs: undefined, ranMs: 0 });
    const third = await startAgain();
    const result = { succeeded: true, duration_ms: 12, prepared_ms: 3 };
    await store.settle([ended(session, third, { kind: 'final', status: 'completed', result })]);
    const all = (await store.readAttempts(execution)) ?? [];
    expect(all).toHaveLength(3);
    expect(all[2]).toMatchObject({ ...times, reason: undefined, preparedMs: 3, ranMs: 12 });

    async function startAgain() {
      await store.schedule({ limit: () => 100, leaseMs: LEASE_MS }, (requests) =>
        requests.map((one) => ({ kind: 'dispatch', execution: one.execution, worker: session.worker })),
      );
      return await claim(store, session, { execution });
    }
  });

  test('the requirements of an execution and of an action are those that the scheduler sees', async () => {
    await using store = await open();
    await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
    const execution = await submitOne(store);
    const needs = await store.readRequirements({ actionRef: 'demo.echo' });
    expect(await store.readRequirements({ execution })).toEqual(needs);
    expect(needs).toMatchObject({ selector: {}, tolerations: [], requiredRuntimes: [] });
    expect(await store.readRequirements({ actionRef: 'demo.none' })).toBeUndefined();
    expect(await store.readRequirements({ execution: executionId('99') })).toBeUndefined();
  });

  test('a token that is used is noted', async () => {
    await using store = await open();
    const made = await store.saveToken({ name: 'ada', hash: 'h', scopes: ['read'], expiresAt: undefined });
    expect(made?.lastUsedAt).toBeUndefined();
    await store.noteTokens([made?.id ?? '']);
    expect((await store.listTokens()).map((one) => typeof one.lastUsedAt)).toEqual(['string']);
  });

  test('a worker tells its version and how long it has been silent', async () => {
    await using store = await open();
    await join(store, registrationRequest('w2'));
    const [worker] = await store.listWorkers(LEASE_MS);
    expect(worker?.agentVersion).toBe(registrationRequest('w2').capabilities.agent_binary_version);
    expect(worker?.silentMs).toBeLessThan(LEASE_MS);
  });

  test('the pause after a failed installation is ended', async () => {
    await using store = await open();
    const session = await join(store);
    const environment = { key: 'demo-python-1', packRef: 'demo', runtime: 'python', checksum: 'c' };
    const begin = async () => (await store.beginEnvironment(session, environment, LEASE_MS)).kind;
    expect(await begin()).toBe('mine');
    await store.endEnvironment(session, environment.key, { kind: 'failed', error: 'no such package' });
    expect(await begin()).toBe('failed');
    const [{ key = '' } = {}] = await store.listEnvironments();
    expect([await store.retryEnvironment(key), await store.retryEnvironment('none')]).toEqual([true, false]);
    expect(await begin()).toBe('mine');
  });
}
