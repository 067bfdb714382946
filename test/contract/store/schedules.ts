import { expect } from 'bun:test';
import type { Schedule } from '#domain/schedule.ts';
import type { Store } from '#domain/store.ts';
import { action, pack } from '#test/contract/samples.ts';
import type { StoreContract } from './fixtures.ts';

const nightly: Schedule = {
  name: 'default',
  cron: '30 2 * * *',
  timeZone: 'UTC',
  parameters: { n: 1 },
  missed: 'once',
};
const MINUTE_MS = 60_000;

const add = async (store: Store, changes: object = {}): Promise<string> =>
  idOf(await store.addSchedule({ ...nightly, actionRef: 'demo.echo', isPaused: false, ...changes }, 100));
const idOf = (added: Awaited<ReturnType<Store['addSchedule']>>): string => (added.ok ? added.value : added.error);
const dueOf = async (store: Store) => (await store.dueSchedules(100)).due;
const request = { actionRef: 'demo.echo', parameters: { n: 1 }, requestedBy: 'schedule 1' };

/** Makes a schedule that has been due for a minute. */
async function due(store: Store): Promise<{ readonly schedule: string; readonly from: number; readonly now: number }> {
  const schedule = await add(store);
  const { now } = await store.dueSchedules(100);
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  await store.stepSchedule({ schedule, from: undefined, to: from, outcome: undefined });
  return { schedule, from, now };
}

/** What every store promises about schedules. */
export function schedulesContract({ test, open }: StoreContract): void {
  test('a schedule is stored once for each name, found, listed, paused, resumed and deleted', async () => {
    await using store = await open();
    const id = await add(store);
    const one = { ...nightly, actionRef: 'demo.echo', isPaused: false };
    expect(await store.addSchedule(one, 2)).toEqual({ ok: false, error: 'exists' });
    expect(await store.addSchedule({ ...one, name: 'more' }, 1)).toEqual({ ok: false, error: 'full' });
    const other = await add(store, { name: 'other', isPaused: true });
    expect(await store.findSchedule(id)).toEqual({
      ...{ ...nightly, id, actionRef: 'demo.echo', isPaused: false, packRef: undefined, next: undefined },
      ...{ last: undefined, lastExecution: undefined, problem: undefined },
      ...{ parameterSchema: undefined, isActionGone: false },
    });
    expect((await store.listSchedules({ limit: 1 })).map((one) => one.id)).toEqual([id]);
    expect((await store.listSchedules({ after: id, limit: 5 })).map((one) => one.id)).toEqual([other]);
    const listed = async (actions: readonly string[]) =>
      (await store.listSchedules({ limit: 1, confinedTo: { packs: [], actions } })).map((one) => one.id);
    expect([await listed(['demo.echo']), await listed(['demo.other'])]).toEqual([[id], []]);
    expect(await store.pauseSchedule(id, true)).toBe(true);
    expect(await dueOf(store)).toEqual([]);
    expect(await store.pauseSchedule(id, false)).toBe(true);
    expect((await dueOf(store)).map((one) => one.id)).toEqual([id]);
    expect([await store.deleteSchedule(id), await store.deleteSchedule(id)]).toEqual([true, false]);
    expect([await store.findSchedule(id), await store.pauseSchedule(id, true)]).toEqual([undefined, false]);
  });

  test('of several servers that make the same step one requests the execution, and a repeated step requests none', async () => {
    await using store = await open();
    const { schedule, from, now } = await due(store);
    expect(await dueOf(store)).toEqual([
      { ...nightly, id: schedule, actionRef: 'demo.echo', dueAt: from, unreadable: undefined },
    ]);
    const step = { schedule, from, to: now + MINUTE_MS, outcome: { request } };
    const made = await Promise.all(Array.from({ length: 5 }, () => store.stepSchedule(step)));
    const executions = made.flatMap((one) => one?.execution ?? []);
    expect([executions.length, made.filter((one) => one === undefined).length]).toEqual([1, 4]);
    expect(await store.stepSchedule(step)).toBeUndefined();
    const [execution] = executions;
    expect(await store.findSchedule(schedule)).toMatchObject({
      last: new Date(from).toISOString(),
      lastExecution: String(execution),
      problem: undefined,
    });
    expect(execution && (await store.readExecution(execution))).toMatchObject({
      status: 'requested',
      parameters: { n: 1 },
      requestedBy: 'schedule 1',
    });
    expect(await dueOf(store)).toEqual([]);
  });

  test('a paused or deleted schedule makes no step, and one without further times is paused with the reason', async () => {
    await using store = await open();
    const { schedule, from, now } = await due(store);
    await store.pauseSchedule(schedule, true);
    const step = { schedule, from, to: now + MINUTE_MS, outcome: { request } };
    expect(await store.stepSchedule(step)).toBeUndefined();
    await store.pauseSchedule(schedule, false);
    const last = { schedule, from: undefined, to: undefined, outcome: { problem: 'no time' } };
    expect(await store.stepSchedule(last)).toEqual({ messages: [], execution: undefined });
    expect(await store.findSchedule(schedule)).toMatchObject({ isPaused: true, problem: 'no time' });
    await store.deleteSchedule(schedule);
    expect(await store.stepSchedule(step)).toBeUndefined();
  });

  test('the schedules of a pack come, change and go with it; a pause stays', async () => {
    await using store = await open();
    const save = async (...schedules: readonly Schedule[]): Promise<void> => {
      await store.savePack({ pack, runtimes: [], actions: [action('echo', { schedules })] });
    };
    await save(nightly, { ...nightly, name: 'second' });
    const [first, second] = await store.listSchedules();
    if (!first || !second) throw new Error('no schedules');
    expect([first, second]).toMatchObject([{ packRef: 'demo', actionRef: 'demo.echo' }, { name: 'second' }]);
    expect(await store.deleteSchedule(first.id)).toBe(false);
    const { now } = await store.dueSchedules(100);
    const to = now + 60 * MINUTE_MS;
    for (const { id: schedule } of [first, second])
      await store.stepSchedule({ schedule, from: undefined, to, outcome: undefined });
    await save({ ...nightly, parameters: { n: 2 } }, { ...nightly, name: 'second', cron: '* * * * *' });
    expect((await store.findSchedule(first.id))?.next).toBe(new Date(to).toISOString());
    expect((await dueOf(store)).map((one) => one.id)).toEqual([second.id]);
    await store.pauseSchedule(first.id, true);
    await save({ ...nightly, cron: '0 4 * * *' });
    expect(await store.listSchedules()).toMatchObject([{ id: first.id, isPaused: true, cron: '0 4 * * *' }]);
    await store.deletePack('demo');
    expect(await store.listSchedules()).toEqual([]);
  });

  test('a schedule is read with the schema of its action, as long as there is one', async () => {
    await using store = await open();
    const id = await add(store);
    const parameterSchema = { type: 'object', properties: { n: { type: 'number', secret: true } } };
    await store.savePack({ pack, runtimes: [], actions: [action('echo', { parameterSchema })] });
    expect(await store.findSchedule(id)).toMatchObject({ parameterSchema, isActionGone: false });
    expect(await store.listSchedules()).toMatchObject([{ parameterSchema, isActionGone: false }]);
    await store.deletePack('demo');
    expect(await store.findSchedule(id)).toMatchObject({ parameterSchema: undefined, isActionGone: true });
  });
}
