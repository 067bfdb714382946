import { expect, test } from 'bun:test';
import { createUserPool } from '#execution/sandbox/user-pool.ts';

const user = (uid: number) => ({ uid, gid: uid });

test('none without users, and one alone is for everybody at once', async () => {
  expect(await createUserPool([])()).toBeUndefined();
  const take = createUserPool([user(1)]);
  expect([await take(), await take()]).toMatchObject([
    { user: user(1), isAlone: false },
    { user: user(1), isAlone: false },
  ]);
});

test('each has a user of its own, and waits while all are taken; giving back twice counts once', async () => {
  const take = createUserPool([user(1), user(2)]);
  const [first, second] = [await take(), await take()];
  expect([first?.user, second?.user]).toEqual([user(1), user(2)]);
  const waiting = [take(), take()];
  second?.release();
  second?.release();
  expect((await waiting[0])?.user).toEqual(user(2));
  first?.release();
  expect((await waiting[1])?.user).toEqual(user(1));
});
