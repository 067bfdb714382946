import { expect, test } from 'bun:test';
import { runTimetable } from '#control-plane/scheduler/timetable.ts';
import { executionId } from '#domain/ids.ts';
import { failure, success } from '#domain/result.ts';
import type { DueSchedule } from '#domain/schedule.ts';
import type { ScheduleStep } from '#domain/timetable-store.ts';
import { loggerOf } from '#test/support/event-log.ts';

const NOW = Date.parse('2026-01-01T12:00:30Z');
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
const sample: DueSchedule = {
  ...{ id: '1', name: 'default', actionRef: 'demo.echo', cron: '*/10 * * * *', timeZone: 'UTC' },
  ...{ parameters: {}, unreadable: undefined, missed: 'once', dueAt: at('12:00:00') },
};

/** The steps that a look at these schedules leads to. */
async function stepsOf(...due: readonly DueSchedule[]): Promise<readonly ScheduleStep[]> {
  const stop = new AbortController();
  const steps: ScheduleStep[] = [];
  const store = {
    dueSchedules: async () => ({ now: NOW, due }),
    stepSchedule: async (step: ScheduleStep) => {
      if (step.schedule === 'unstorable' && step.to !== undefined) throw new Error('not storable');
      steps.push(step);
      return { messages: [], execution: executionId(1) };
    },
  };
  const prepare = async ({ actionRef, parameters }: DueSchedule) =>
    actionRef === 'demo.gone' ? failure('there is no such action') : success({ actionRef, parameters });
  const clock = { random: () => 0, sleep: async () => stop.abort() };
  await runTimetable({ store, relay: { publish: () => {} }, clock, logger: loggerOf(() => {}), prepare }, stop.signal);
  return steps;
}

const request = { actionRef: 'demo.echo', parameters: {} };

test('what is due is requested, and the next time is the first one from now on, however many were missed', async () => {
  expect(await stepsOf(sample)).toEqual([
    { schedule: '1', from: sample.dueAt, to: at('12:10:00'), outcome: { request } },
  ]);
  const late = { ...sample, dueAt: at('03:00:00') };
  expect(await stepsOf(late)).toEqual([{ schedule: '1', from: late.dueAt, to: at('12:10:00'), outcome: { request } }]);
});

test('one that skips what was missed requests nothing for it, and is on time a minute later still', async () => {
  const [missed] = await stepsOf({ ...sample, missed: 'skip', dueAt: at('11:50:00') });
  expect(missed).toMatchObject({
    to: at('12:10:00'),
    outcome: { problem: expect.stringContaining('missed 2026-01-01T11:50') },
  });
  expect(await stepsOf({ ...sample, missed: 'skip' })).toMatchObject([{ outcome: { request } }]);
});

test('a new one gets its first time and requests nothing', async () => {
  expect(await stepsOf({ ...sample, dueAt: undefined })).toEqual([
    { schedule: '1', from: undefined, to: at('12:10:00'), outcome: undefined },
  ]);
});

test('what cannot be requested says why; what cannot be read or stored is paused and stops no other one', async () => {
  const steps = await stepsOf(
    { ...sample, id: 'gone', actionRef: 'demo.gone' },
    { ...sample, id: 'unreadable', cron: 'nonsense' },
    { ...sample, id: 'unstorable' },
    sample,
  );
  expect(steps).toMatchObject([
    { schedule: 'gone', to: at('12:10:00'), outcome: { problem: 'there is no such action' } },
    { schedule: 'unreadable', to: undefined, outcome: { problem: expect.stringContaining('nonsense') } },
    { schedule: 'unstorable', to: undefined, outcome: { problem: 'not storable' } },
    { schedule: '1', outcome: { request } },
  ]);
});
