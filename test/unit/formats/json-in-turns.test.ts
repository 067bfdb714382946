import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseStoredJson } from '#formats/json.ts';
import { parseInTurns } from '#formats/json-in-turns.ts';

test('whatever JSON there is, small or large, is read as at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 40 }), fc.nat(3), async (values, indent) => {
      const large = [...values, { long: 'x'.repeat(40_000), __proto__: null, values }, values.map((one) => [one])];
      const text = JSON.stringify({ large, more: { large, 'odd "name\\': 'y'.repeat(33_000) } }, null, indent);
      expect(await parseInTurns(text)).toEqual(JSON.parse(text));
    }),
    { seed: 5, numRuns: 60 },
  );
});

test('lists and objects of many small members keep their order, their names and their numbers', async () => {
  const list = Array.from({ length: 30_000 }, (_, index) => (index % 3 === 0 ? {} : index));
  const object = Object.fromEntries(list.map((one, index) => [`k${index}`, one]));
  for (const value of [list, object, [list, [], object, {}], { a: [], list, b: {}, object }]) {
    const text = JSON.stringify(value);
    expect(JSON.stringify(await parseInTurns(text))).toBe(text);
  }
  const odd = `{"__proto__":1,"many":[${'9007199254740993,'.repeat(10_000)}1.0e2]}`;
  expect(JSON.stringify(await parseInTurns(odd))).toBe(JSON.stringify(parseStoredJson(odd)));
  expect(Object.keys((await parseInTurns(odd)) as object)).toEqual(['__proto__', 'many']);
});

test('others get their turns meanwhile', async () => {
  const members = Array.from({ length: 200_000 }, (_, index) => [`k${index}`, `v${index}`] as const);
  const reading = parseInTurns(JSON.stringify(Object.fromEntries(members)));
  const first = await Promise.race([reading, new Promise((resolve) => setImmediate(() => resolve('a turn')))]);
  expect(first).toBe('a turn');
  expect(Object.keys((await reading) as object)).toHaveLength(200_000);
});

test.each(['[1,2', '{"a":1', '[1,,2]', '{"a" 1}'])('what is no JSON is refused: %s', async (start) => {
  await expect(parseInTurns(`${start}${','.repeat(40_000)}`)).rejects.toThrow();
});
