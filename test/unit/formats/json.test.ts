import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isRecord } from '#domain/record.ts';
import { parseJson, parseJsonBytes, parseStoredJson } from '#formats/json.ts';

function errorOf(text: string): string | undefined {
  const parsed = parseJson(text);
  return parsed.ok ? undefined : parsed.error;
}

test('whatever JavaScript can write is read as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseJson(JSON.stringify(value))).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) });
    }),
    { seed: 3, numRuns: 500 },
  );
});

test.each([
  ['an integer beyond 53 bits', '{"id":9007199254740993}', 'would be changed to 9007199254740992'],
  ['a negative one', '[-12345678901234567890]', '-12345678901234567890'],
  ['a long fraction', '0.10000000000000000555', 'would be changed to 0.1'],
  ['a number that is too large', '{"a":[1e400]}', '1e400 is too large'],
  ['a number that would become zero', '1e-400', 'would be changed to 0'],
  ['a zero with a sign', '{"x":-0.0}', '-0.0 would be changed to 0'],
  ['one without a fraction', '[-0]', '-0 would be changed to 0'],
  ['one with an exponent', '-0e-5', '-0e-5 would be changed to 0'],
  ['a key that is there twice', '{"a":{"b":1,"b":1}}', 'the key "b" is there twice in a'],
  ['what Python prints for not a number', '{"x": NaN}', 'NaN is not a value of JSON'],
  ['a text without quotes', 'not json', "'not' is not a value of JSON"],
  ['what begins as a page', '<html>', "'<' cannot stand where it does"],
  ['a part', '{"a":', 'it ends too early'],
  ['two values', '1 2', 'more follows behind its value'],
  ['a text without an end', '"abc', 'a text in it has no end'],
  ['an object without an end', '{"a":1', "expected '}'"],
  ['what Python prints for nothing', '{"x": None}', 'None is not a value of JSON'],
])('refused: %s', (_, text, sentence) => {
  expect(errorOf(text)).toContain(sentence);
  expect(errorOf(text)).not.toContain('JSON Parse error');
});

test.each([
  '9007199254740992',
  '1e21',
  '0.30000000000000004',
  '0.10000000000000001',
  '1.10',
  '-0.5e-7',
  '-0.05',
  '"2026-01-05T00:00-00:00"',
  '"12345678901234567890"',
  '{"a\\"1e999":"\\\\"}',
  '100000000000000000000',
])('kept: %s', (text) => {
  expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
});

test('a hundred levels are read, one more is refused, a million neither crash nor take long', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(parseJson(nested(100)).ok).toBe(true);
  expect(errorOf(nested(101))).toBe('nested deeper than 100 levels');
  expect(errorOf('{"a":'.repeat(1_000_000))).toBe('nested deeper than 100 levels');
  expect(errorOf(`"${'['.repeat(200)}"`)).toBeUndefined();
});

test('bytes must be UTF-8', () => {
  expect(parseJsonBytes(Uint8Array.of(0x22, 0xe4, 0x22))).toEqual({ ok: false, error: 'not UTF-8' });
  expect(parseJsonBytes(Buffer.from('"ä"'))).toEqual({ ok: true, value: 'ä' });
});

test('numbers of stored JSON that the language cannot hold are written again as they were read', () => {
  const texts = [
    '{"id":9007199254740993,"list":[12345678901234567890,-9007199254740995,0.1234567890123456789,1e400]}',
    '[1,2.5,"9007199254740993",{"a":null}]',
    '9007199254740993',
  ];
  for (const text of texts) expect(JSON.stringify(parseStoredJson(text))).toBe(text);
  expect(parseStoredJson('[1, 2.50]')).toEqual([1, 2.5]);
  expect(isRecord(Object(parseStoredJson('{"id":9007199254740993}')).id)).toBe(false);
});

test('as many values and different texts are read as can be read at once, however often they are there', () => {
  const numbers = (count: number): string => JSON.stringify(Array.from({ length: count }, () => 1));
  const texts = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, index) => `t${index}`));
  const rows = Array.from({ length: 15_000 }, (_, index) => ({ id: index, name: `n${index}`, kind: 'x', size: 1 }));
  expect(errorOf(numbers(99_000))).toBeUndefined();
  expect(errorOf(numbers(100_001))).toBe('it has more than 100000 values');
  expect(errorOf(`[${'{},'.repeat(50_001)}1]`)).toBe('it has more than 100000 values');
  expect(errorOf(texts(19_900))).toBeUndefined();
  expect(errorOf(texts(20_010))).toBe('it has more than 20000 different names and texts');
  expect(errorOf(JSON.stringify(rows))).toBeUndefined();
  expect(parseJson(texts(30_000), 1.75).ok).toBe(true);
  expect(parseJson(texts(35_010), 1.75).ok).toBe(false);
});

test.each([
  ['many zeros', `1${'0'.repeat(1_000_000)}1`],
  ['many digits', `[${'7'.repeat(1_000_000)}]`],
  ['a long fraction', `0.${'0'.repeat(1_000_000)}1`],
])('a number of a megabyte is refused without being taken apart: %s', (_, text) => {
  expect(errorOf(text)).toContain('has more than 1000 characters');
});
