/** The judge of the faults must itself see what is wrong. */
import { expect, test } from 'bun:test';
import { complaints, judge, type Sample, type Seen } from '#test/faults/judge.ts';

const S = 1000;
const ready = (at: number): Sample => ({ at: at * S, isReady: true, words: [] });
const bad = (at: number, word: string): Sample => ({ at: at * S, isReady: false, words: [word] });
const everySecond = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const probe = (begun: number, done = begun) => ({ begun: begun * S, done: done * S + 200 });

/** A fault from 10 to 20 that is noticed at 12, and work again at 23. */
const good: Seen = {
  faultBegun: 10 * S,
  faultEnded: 20 * S,
  stopped: 30 * S,
  samples: [
    ...everySecond(0, 11).map(ready),
    ...everySecond(12, 21).map((at) => bad(at, 'database')),
    ...everySecond(22, 30).map(ready),
  ],
  probes: [
    ...everySecond(0, 9).map((at) => probe(at)),
    ...everySecond(10, 30).map((at) => probe(at, Math.max(at, 23))),
  ],
  isToBlame: true,
  lost: 0,
};

test('a fault that is noticed and ends well has seconds, a word, and no complaint', () => {
  const cell = judge(good);
  expect(cell).toEqual({
    standstillS: 10,
    againS: 3.2,
    said: [{ word: 'database', afterS: 2 }],
    readyS: 2,
    deafS: 2,
    lost: 0,
  });
  expect(complaints(cell)).toEqual([]);
});

test('work that goes on has no standstill', () => {
  const cell = judge({
    ...good,
    samples: everySecond(0, 30).map(ready),
    probes: everySecond(0, 30).map((at) => probe(at)),
  });
  expect(cell).toMatchObject({ standstillS: 1, againS: 0.2, said: [], readyS: 0, deafS: 0.8 });
});

const wrong: Readonly<Record<string, readonly [Partial<Seen>, string]>> = {
  'a lost request': [{ lost: 2 }, '2 requests lost'],
  'no work again': [{ probes: good.probes.slice(0, 10) }, 'no work again'],
  'never ready again': [{ samples: good.samples.filter((one) => one.at < 22 * S) }, 'not ready again'],
  'a health that says ready while nothing is done': [
    { samples: everySecond(0, 30).map(ready) },
    'said ready for 13 s while nothing was done',
  ],
};

for (const [what, [change, sentence]] of Object.entries(wrong))
  test(`the judge sees ${what}`, () => {
    expect(complaints(judge({ ...good, ...change }))).toContain(sentence);
  });

test('a health that cannot know of the fault is not to blame', () => {
  expect(judge({ ...good, samples: everySecond(0, 30).map(ready), isToBlame: false }).deafS).toBe(0);
});
