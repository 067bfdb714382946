import { expect, test } from 'bun:test';
import { stepsOf } from '#domain/attempt-steps.ts';
import type { Attempt } from '#wire/attempts.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const now = Date.parse(at(60));

function told(attempt: Partial<Attempt>): readonly string[] {
  const whole: Attempt = {
    ...{ attempt: 1, worker: 1, worker_name: 'w', reason: null, prepared_ms: null, ran_ms: null },
    ...{ scheduled_at: null, claimed_at: null, ended_at: null },
    ...attempt,
  };
  return stepsOf(whole, at(0), now).map(({ name, ms, isOver }) => `${name} ${ms}${isOver ? '' : ' …'}`);
}

test('the steps that have begun are told, the last one as far as it is', () => {
  expect(told({})).toEqual(['waited 60000 …']);
  expect(told({ scheduled_at: at(10) })).toEqual(['waited 10000', 'scheduled 50000 …']);
  expect(told({ scheduled_at: at(10), claimed_at: at(12) })).toEqual(['waited 10000', 'scheduled 2000', 'ran 48000 …']);
  expect(told({ ended_at: at(5) })).toEqual(['waited 5000']);
});

test('an attempt that has ended is told with what its worker has measured', () => {
  const times = { scheduled_at: at(1), claimed_at: at(2), ended_at: at(10) };
  expect(told({ ...times, prepared_ms: 3000, ran_ms: 4500 })).toEqual([
    ...['waited 1000', 'scheduled 1000', 'prepared 3000', 'ran 4500', 'stored 500'],
  ]);
  expect(told(times)).toEqual(['waited 1000', 'scheduled 1000', 'ran 8000']);
});

test('a worker that was told again after its claim has waited for nobody', () => {
  expect(told({ scheduled_at: at(9), claimed_at: at(4), ended_at: at(10) })).toEqual([
    ...['waited 4000', 'scheduled 0', 'ran 6000'],
  ]);
});
