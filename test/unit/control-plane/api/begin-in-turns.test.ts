import { expect, test } from 'bun:test';
import { beginInTurns, REQUESTS_A_TURN } from '#control-plane/api/begin-in-turns.ts';
import { countTurns, many } from '#test/support/count-turns.ts';

test('of many requests that come at once some begin in each turn of the event loop', async () => {
  using turns = countTurns();
  const begin = beginInTurns();
  await many(REQUESTS_A_TURN * 2 + 1, async () => {
    await begin();
    turns.note();
  });
  expect(turns.ofTurns()).toEqual([REQUESTS_A_TURN, REQUESTS_A_TURN, 1]);
});
