import { expect, test } from 'bun:test';
import { describeDuration, queuedMs, ranMs } from '#control-plane/web/durations.ts';

test('durations have two units at most', () => {
  const all = [0, 340.4, 2400, 59_900, 200_000, 18_120_000, 86_400_000, 1_047_600_000].map(describeDuration);
  expect(all).toEqual(['0 ms', '340 ms', '2.4 s', '60 s', '3 min 20 s', '5 h 2 min', '1 d', '12 d 3 h']);
});

test('what waits and what runs is counted until now, what has ended until its end', () => {
  const created = new Date(1000).toISOString();
  const started = new Date(3000).toISOString();
  const updated = new Date(9000).toISOString();
  const waiting = { created, started_at: null, updated, duration_ms: null };
  expect([queuedMs(waiting, 5000, false), queuedMs(waiting, 5000, true), ranMs(waiting, 5000, false)]).toEqual([
    4000,
    undefined,
    undefined,
  ]);
  const running = { ...waiting, started_at: started };
  expect([queuedMs(running, 5000, false), ranMs(running, 5000, false), ranMs(running, 5000, true)]).toEqual([
    2000, 2000, 6000,
  ]);
  expect(ranMs({ ...running, duration_ms: 7 }, 5000, true)).toBe(7);
});
