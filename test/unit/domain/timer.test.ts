import { expect, test } from 'bun:test';
import { startTimer } from '#domain/timer.ts';

test('a timer of more milliseconds than 31 bits does not fire at once', async () => {
  let hasFired = false;
  const timers = [2 ** 31, 31_536_000_000, Number.MAX_SAFE_INTEGER].map((ms) =>
    startTimer(ms, () => (hasFired = true)),
  );
  await new Promise<void>((resolve) => startTimer(20, resolve));
  expect(hasFired).toBe(false);
  for (const timer of timers) timer.stop();
});

test('a timer fires once, also of negative time, and not when it was stopped', async () => {
  const fired: string[] = [];
  startTimer(1, () => fired.push('stopped')).stop();
  startTimer(-5, () => fired.push('at once'));
  await new Promise<void>((resolve) => startTimer(20, resolve));
  expect(fired).toEqual(['at once']);
});

test('a process does not stay alive for a timer that does not keep it', async () => {
  const script = `import { startTimer } from '${import.meta.dir}/../../../src/domain/timer.ts';
    startTimer(3_600_000, () => {}, { keepsAlive: false });`;
  const child = Bun.spawn([process.execPath, '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await child.exited).toBe(0);
});
