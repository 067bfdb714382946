import { expect, test } from 'bun:test';
import { deadlinesOf, leaveInTime } from '#cli/wiring/leave-in-time.ts';
import type { Config } from '#config/schema.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** Work that never ends, told to stop within 10 s. */
function hang() {
  const clock = createFakeClock();
  const [cancel, killNow] = [new AbortController(), new AbortController()];
  const stop = { cancel: cancel.signal, killNow: killNow.signal, exitCode: () => 130 };
  const left: { code?: number; at?: number } = {};
  const leaving = leaveInTime(new Promise<number>(() => {}), stop, { withinMs: 10_000, clock }).then((code) =>
    Object.assign(left, { code, at: clock.monotonic() }),
  );
  return { clock, cancel, killNow, left, leaving };
}

test('work that hangs keeps the process until it is told to stop, and then for its time alone', async () => {
  const { clock, cancel, left, leaving } = hang();
  await clock.advance(100_000);
  expect(left).toEqual({});
  cancel.abort();
  await clock.advance(9999);
  expect(left).toEqual({});
  await clock.advance(1);
  await leaving;
  expect(left).toEqual({ code: 0, at: 110_000 });
});

test('a second signal leaves it two seconds', async () => {
  const { clock, cancel, killNow, left, leaving } = hang();
  cancel.abort();
  await clock.advance(1000);
  killNow.abort();
  await clock.advance(2000);
  await leaving;
  expect(left).toEqual({ code: 130, at: 3000 });
});

test('work that ends says its own exit code, and a defect is one', async () => {
  const { signal } = new AbortController();
  const stop = { cancel: signal, killNow: signal, exitCode: () => undefined };
  const options = { withinMs: 1, clock: createFakeClock() };
  expect(await leaveInTime(Promise.resolve(78), stop, options)).toBe(78);
  await expect(leaveInTime(Promise.reject(new TypeError('a defect')), stop, options)).rejects.toThrow('a defect');
});

test('the worker has two of its seconds left when it has drained, and the process one, less where there is little time', () => {
  const of = (shutdown_timeout: number) => deadlinesOf({ worker: { shutdown_timeout } as Config['worker'] });
  expect(of(30)).toEqual({ drainMs: 28_000, leaveMs: 29_000 });
  expect(of(6)).toEqual({ drainMs: 5000, leaveMs: 5500 });
  expect(of(0)).toEqual({ drainMs: 0, leaveMs: 1000 });
});
