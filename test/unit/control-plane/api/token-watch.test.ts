import { expect, test } from 'bun:test';
import { createTokenWatch } from '#control-plane/api/token-watch.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const TOKENS = 10_000;
/** What the store takes for one look-up, also on a busy machine. */
const LOOK_UP_MS = 50;

function world() {
  const clock = createFakeClock();
  const revoked = new Set<string>();
  const state = { asked: 0, isAway: false };
  const validTokens = async (hashes: readonly string[]): Promise<readonly string[]> => {
    state.asked++;
    await clock.sleep(LOOK_UP_MS);
    if (state.isAway) throw new Unavailable('the database is away');
    return hashes.filter((hash) => !revoked.has(hash));
  };
  const watch = createTokenWatch({ clock, store: { validTokens, findToken: async () => undefined } });
  const endings = Array.from({ length: TOKENS }, (_, n) => {
    const ending = new AbortController();
    watch.watch(String(n), ending);
    return ending;
  });
  const ended = (): number => endings.filter(({ signal }) => signal.aborted).length;
  return { clock, revoked, state, endings, ended };
}

test('of ten thousand tokens each that was revoked ends what is under way within 5 s, and no other', async () => {
  const { clock, revoked, state, endings, ended } = world();
  await clock.advance(1999);
  for (let n = 0; n < TOKENS; n += 2) revoked.add(String(n));
  await clock.advance(5000);
  expect(ended()).toBe(TOKENS / 2);
  expect([endings[0], endings[1]].map((one) => one?.signal.aborted)).toEqual([true, false]);
  expect(state.asked).toBeLessThan(30);
});

test('while the database is away all go on', async () => {
  const { clock, revoked, state, ended } = world();
  state.isAway = true;
  for (let n = 0; n < TOKENS; n++) revoked.add(String(n));
  await clock.advance(10_000);
  expect(ended()).toBe(0);
  state.isAway = false;
  await clock.advance(5000);
  expect(ended()).toBe(TOKENS);
});
