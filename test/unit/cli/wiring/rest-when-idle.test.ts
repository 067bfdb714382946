import { expect, test } from 'bun:test';
import { restWhenIdle } from '#cli/wiring/rest-when-idle.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const LONG_MS = 60_000;

/** A worker whose state a test sets, and how often it has rested. */
function startWorker() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const worker = { hasBegun: true, running: 0, taken: 0, rests: 0 };
  const isIdle = (): boolean => worker.hasBegun && worker.running === 0;
  const rest = (): void => void worker.rests++;
  const ended = restWhenIdle({ clock, isIdle, taken: () => worker.taken, rest }, stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { clock, worker, end };
}

test('a worker rests once after its start, and not before it has begun to work', async () => {
  const { clock, worker, end } = startWorker();
  worker.hasBegun = false;
  await clock.advance(LONG_MS);
  expect(worker.rests).toBe(0);
  worker.hasBegun = true;
  await clock.advance(LONG_MS);
  await clock.advance(LONG_MS);
  expect(worker.rests).toBe(1);
  await end();
});

test('it rests again once after each time in which it had work, however short that was', async () => {
  const { clock, worker, end } = startWorker();
  await clock.advance(LONG_MS);
  worker.taken = 1;
  await clock.advance(LONG_MS);
  expect(worker.rests).toBe(2);
  worker.taken = 2;
  worker.running = 1;
  await clock.advance(LONG_MS);
  expect(worker.rests).toBe(2);
  worker.running = 0;
  await clock.advance(LONG_MS);
  expect(worker.rests).toBe(3);
  await end();
});

test('executions that come one after another keep it from resting, and so does the end', async () => {
  const { clock, worker, end } = startWorker();
  for (let taken = 1; taken < 20; taken++) {
    worker.taken = taken;
    await clock.advance(2000);
  }
  expect(worker.rests).toBe(0);
  await end();
  expect(worker.rests).toBe(0);
});
