import { expect } from 'bun:test';
import { action, pack } from '#test/contract/samples.ts';
import { until } from '#test/support/until.ts';
import { completed, ended, join, logChunk, type StoreContract, start, submitOne } from './fixtures.ts';

/** What every store promises about figures for the metrics. */
export function figuresContract({ test, open }: StoreContract): void {
  test('figures count what there is', async () => {
    await using store = await open();
    const id = await submitOne(store);
    await store.cancel(id, 'a test');
    await submitOne(store);
    await store.appendLogs([logChunk(id, 0, 'abcd')]);
    const figures = await store.measure();
    expect(figures.executions.toSorted((a, b) => a.status.localeCompare(b.status))).toEqual([
      { status: 'cancelled', count: 1 },
      { status: 'requested', count: 1 },
    ]);
    expect(figures.unpublishedMessages).toBeGreaterThan(0);
    expect(figures).toMatchObject({ deadLetters: 0, newestRunSeconds: [] });
    expect(figures.logBytes).toBeGreaterThanOrEqual(4);
  });

  test('the oldest that waits is found in whatever lane it is, and what is not due yet does not count', async () => {
    await using store = await open();
    const session = await join(store);
    const oldest = async (): Promise<number> => (await store.measure()).oldestWaitingSeconds;
    const later = { kind: 'again', reason: 'a test', delayMs: 3_600_000, result: {} } as const;
    await store.settle([ended(session, await start(store, session), later)]);
    expect(await oldest()).toBe(0);
    await store.savePack({ pack, runtimes: [], actions: [action('low', { priority: -5 }), action('high')] });
    const low = await submitOne(store, 'demo.low');
    await until('it waits', async () => (await oldest()) > 0);
    const before = await oldest();
    const high = await submitOne(store, 'demo.high');
    expect(await oldest()).toBeGreaterThanOrEqual(before);
    await store.cancel(low, 'a test');
    await until('the other one waits', async () => (await oldest()) > 0);
    await store.cancel(high, 'a test');
    expect(await oldest()).toBe(0);
  });

  test('an execution that has ended is counted once, with the time that it took', async () => {
    await using store = await open();
    const session = await join(store);
    const claimed = await start(store, session);
    for (const _ of ['once', 'once more']) await store.settle([ended(session, claimed, completed)]);
    await store.cancel(claimed.execution, 'a test');
    const figures = await store.measure();
    expect(figures.executions).toEqual([{ status: 'completed', count: 1 }]);
    expect(figures.newestRunSeconds).toHaveLength(1);
    expect(figures.newestClaimSeconds).toHaveLength(1);
  });
}
