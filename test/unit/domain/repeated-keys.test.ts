import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { findRepeatedKey } from '#domain/repeated-keys.ts';

test.each([
  ['{"a":1,"a":2}', 'the key "a" is there twice'],
  ['{"a" : 1 ,\n "b":[] , "a" : 1}', 'the key "a" is there twice'],
  ['{"b":{"x":[1,{"a":1,"\\u0061":2}]}}', 'the key "a" is there twice in b.x[1]'],
  ['[[],[{"k":{},"k":[]}]]', 'the key "k" is there twice in [1][0]'],
  ['{"":1,"":2}', 'the key "" is there twice'],
  ['{"a\\"b":1,"c":{"a\\"b":1},"a\\"b":1}', 'the key "a\\"b" is there twice'],
  ['{"__proto__":1,"__proto__":2}', 'the key "__proto__" is there twice'],
  ['{"a":{"b":1},"b":{"a":2},"a":3}', 'the key "a" is there twice'],
])('%s', (text, sentence) => {
  expect(findRepeatedKey(text)).toBe(sentence);
});

test.each([
  '{"a":{"a":1},"b":"a","c":["a","a",{"a":"a"}]}',
  '[{"a":1},{"a":1}]',
  '{"a":"b","b":"a"}',
  '{"a":1,"A":1}',
  '"a"',
  '',
])('no key is there twice: %s', (text) => {
  expect(findRepeatedKey(text)).toBeUndefined();
});

test('whatever JavaScript writes has each key once, and one that is added at any end is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const text = JSON.stringify(object);
      const [first = ''] = Object.keys(object);
      expect(findRepeatedKey(text)).toBeUndefined();
      expect(findRepeatedKey(`${text.slice(0, -1)},${JSON.stringify(first)}:0}`)).toContain('is there twice');
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('names that differ in their ends alone are all looked at, of an object of any size', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `"\\"${'long '.repeat(10)}${index}":1`);
  expect(findRepeatedKey(`{${names.join(',')}}`)).toBeUndefined();
  expect(findRepeatedKey(`{${names.join(',')},${names[0]}}`)).toContain('is there twice');
});

test('what a sentence shows of names and places has a bound', () => {
  const name = JSON.stringify('n'.repeat(10_000));
  expect(findRepeatedKey(`{${name}:{${name}:1,${name}:2}}`)?.length).toBeLessThan(300);
});
