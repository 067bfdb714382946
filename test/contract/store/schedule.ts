import { expect } from 'bun:test';
import { MOST_SILENT } from '#adapters/store/limits.ts';
import { HOUR_MS } from '#domain/durations.ts';
import { executionId } from '#domain/ids.ts';
import type { RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';
import { capabilities, firstWorker, registrationRequest } from '#test/contract/samples.ts';
import { eventually } from '#test/support/until.ts';
import { bounds, claim, ended, join, kinds, type StoreContract, submit, submitOne } from './fixtures.ts';

/** What every store promises about what the scheduler sees, and how its decisions are carried out. */
export function scheduleContract({ test, open }: StoreContract): void {
  test('what shall be run again has waited since then, and not since it was requested first', async () => {
    await using store = await open();
    const session = await join(store);
    const execution = await submitOne(store);
    const ageMs = async (): Promise<number> => {
      let age = -1;
      await store.schedule(bounds, ([request]) => {
        age = request?.ageMs ?? -1;
        return [];
      });
      return age;
    };
    await eventually('it has waited', ageMs, (age) => age >= 2000);
    await store.schedule(bounds, firstWorker);
    const claimed = await claim(store, session, { execution });
    const start = performance.now();
    const again = { kind: 'again', reason: 'once more', delayMs: 0, result: { succeeded: false } } as const;
    await store.settle([ended(session, claimed, again)]);
    const age = await eventually('it is due', ageMs, (found) => found >= 0);
    expect(age).toBeLessThan(performance.now() - start + 1000);
  });

  test('the scheduler sees requirements and loads, and about so many executions in all', async () => {
    await using store = await open();
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
      [3, 2],
    );
    expect(seen.requests.find((one) => one.actionRef === 'demo.gpu')).toMatchObject({
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
        isPaused: false,
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
    expect(
      all.filter((one) => 'selector' in one.requirements && one.requirements.selector['zone'] === 'b'),
    ).toHaveLength(1);
  });

  test('of silent workers the scheduler counts some, where none is alive, and figures count all of them', async () => {
    await using store = await open();
    const names = Array.from({ length: MOST_SILENT + 2 }, (_, at) => `w${at}`);
    await Promise.all(names.map((name) => join(store, registrationRequest(name))));
    await submit(store);
    const seenWithin = async (leaseMs: number): Promise<readonly boolean[]> => {
      const seen: boolean[] = [];
      await store.schedule({ ...bounds, leaseMs }, (_, workers) => {
        seen.push(...workers.map((one) => one.isFresh));
        return [];
      });
      return seen;
    };
    const alive = names.map(() => true);
    await eventually(
      'the scheduler has read what all of them offer',
      () => seenWithin(HOUR_MS),
      (seen) => Bun.deepEquals(seen, alive),
    );
    expect(await seenWithin(-HOUR_MS)).toEqual(alive.slice(0, MOST_SILENT).map(() => false));
    expect((await store.measure()).workers).toBe(names.length);
    const page = { limit: 500, isAlive: true } as const;
    expect((await store.listWorkers(HOUR_MS, page)).map((one) => one.name).toSorted()).toEqual(names.toSorted());
    expect(await store.listWorkers(-HOUR_MS, page)).toEqual([]);
  });

  test('what was given up ends with the reason', async () => {
    await using store = await open();
    const hopeless = await submitOne(store, 'demo.gpu');
    const scheduled = await store.schedule(bounds, () => [
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
  });

  test('a plan that throws changes nothing', async () => {
    await using store = await open();
    await join(store);
    const [execution = executionId(0)] = await submit(store);
    const failing = store.schedule(bounds, () => {
      throw new Error('a defect');
    });
    await expect(failing).rejects.toThrow('a defect');
    expect(await store.schedule(bounds, firstWorker)).toMatchObject({ dispatched: 1 });
    expect(await store.readExecution(execution)).toMatchObject({ attempt: 1 });
  });

  test('nothing that anybody else schedules at the same time is dispatched twice', async () => {
    await using store = await open();
    await join(store);
    await submit(store, 'demo.echo', 60);
    const passes = await Promise.all(
      Array.from({ length: 8 }, () => store.schedule({ ...bounds, limit: () => 20 }, firstWorker)),
    );
    for (let more = 1; more > 0; ) {
      const pass = await store.schedule(bounds, firstWorker);
      more = pass?.dispatched ?? 0;
      passes.push(pass);
    }
    const dispatches = passes.flatMap((one) => one?.messages ?? []);
    expect(passes.reduce((sum, one) => sum + (one?.dispatched ?? 0), 0)).toBe(60);
    expect([dispatches.length, new Set(dispatches.map((one) => one.payload['execution_id'])).size]).toEqual([60, 60]);
  });
}
