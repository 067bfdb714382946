import { expect, test } from 'bun:test';
import { createSilence } from '#domain/silence.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

test('a call without a good answer is worth a word when it is late, and until there is one', async () => {
  const clock = createFakeClock();
  const silence = createSilence(clock, { who: 'database', lateMs: 3000 });
  const first = silence.during(() => clock.sleep(10_000).then(() => Promise.reject(new Error('lock timeout'))));
  first.catch(() => {});
  await clock.advance(3000);
  expect(silence.trouble()).toBeUndefined();
  await clock.advance(1000);
  expect(silence.trouble()).toEqual({ word: 'database', why: 'the database has not answered for 4 s' });
  await clock.advance(6000);
  await expect(first).rejects.toThrow('lock timeout');
  const second = silence.during(() => clock.sleep(1000));
  expect(silence.trouble()?.why).toBe('the database has not answered for 10 s');
  await clock.advance(1000);
  await second;
  expect(silence.trouble()).toBeUndefined();
});
