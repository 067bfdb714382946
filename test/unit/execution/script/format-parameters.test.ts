import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { ParameterFormat } from '#domain/action.ts';
import { exactNumber } from '#domain/exact-number.ts';
import { formatParameters } from '#execution/script/format-parameters.ts';

function formatted(parameters: Record<string, unknown>, format: ParameterFormat): string {
  const text = formatParameters(parameters, format);
  if (!text.ok) throw new Error(text.error);
  return text.value;
}

test('json is one line whatever is in it, and yaml reads back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue()), (parameters) => {
      const json = formatted(parameters, 'json');
      expect(json.trimEnd().includes('\n')).toBe(false);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(parameters)));
      expect(JSON.stringify(parse(formatted(parameters, 'yaml')))).toEqual(JSON.stringify(parameters));
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('dotenv is sorted, nested keys are dotted, arrays are JSON', () => {
  const parameters = { b: { y: 1, x: { z: true } }, a: "it's", c: [1, 'two'], d: null };
  expect(formatted(parameters, 'dotenv')).toBe("a='it'\\''s'\nb.x.z='true'\nb.y='1'\nc='[1,\"two\"]'\nd=''\n");
});

test('dotenv keeps empty lists and objects', () => {
  expect(formatted({ a: {}, b: { c: {}, d: [] } }, 'dotenv')).toBe("a='{}'\nb.c='{}'\nb.d='[]'\n");
});

test('dotenv refuses keys that a shell would read as code', () => {
  for (const key of ['k; touch x #', 'x\na', '$(id)', 'a b', '1a', '', 'é', 'a=b'])
    expect(formatParameters({ o: { fine: 1 }, [key]: 'v' }, 'dotenv')).toMatchObject({
      error: expect.stringContaining('cannot be given as dotenv'),
    });
  expect(formatParameters({ o: { 'k; touch x #': 'v' } }, 'dotenv').ok).toBe(false);
  expect(formatted({ a_1: 1, 'b-c': { 'd.e': 2 } }, 'dotenv')).toBe("a_1='1'\nb-c.d.e='2'\n");
});

test('yaml quotes what a parser of YAML 1.1 would take for something else', () => {
  const texts = { a: 'yes', b: '0123', c: '12:30:00', d: '1_000', e: 'null', f: '3.10', g: 'plain' };
  const yaml = formatted(texts, 'yaml');
  expect(parse(yaml, { version: '1.1' })).toEqual(texts);
  expect(yaml).toContain('g: plain\n');
});

test('yaml escapes what it would take for the end of a line, or refuse', () => {
  const texts = ['\u2028', 'a\u2029b', '\u0085', '\x7f', '\ufeffkey', '=', '<<', `${'long '.repeat(40)}\u2028 "end"`];
  for (const text of texts) {
    const parameters = { in: text, [text]: [text] };
    const yaml = formatted(parameters, 'yaml');
    expect(parse(yaml, { version: '1.1' })).toEqual(parameters);
    expect(yaml).toMatch(/^[\n -~]*$/);
  }
});

test('a real shell reads back every dotenv value', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (value) => {
        const script = `${formatted({ v: value }, 'dotenv')}printf %s "$v"`;
        expect(Bun.spawnSync(['sh', '-c', script]).stdout.toString()).toBe(value);
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});

test('numbers beyond 53 bits are given with all their digits, and fractions that YAML would change are refused', () => {
  const parameters = { id: exactNumber('9007199254740993'), in: { list: [exactNumber('-12345678901234567890')] } };
  expect(formatted(parameters, 'json')).toBe('{"id":9007199254740993,"in":{"list":[-12345678901234567890]}}\n');
  expect(formatted(parameters, 'yaml')).toBe('id: 9007199254740993\nin:\n  list:\n    - -12345678901234567890\n');
  expect(formatted(parameters, 'dotenv')).toBe("id='9007199254740993'\nin.list='[-12345678901234567890]'\n");
  const fraction = formatParameters({ f: exactNumber('0.12345678901234567891') }, 'yaml');
  expect(fraction.ok ? '' : fraction.error).toContain('0.12345678901234567891');
});

test.each([
  [{ a: { b: 1 }, 'a.b': 2 }, '"a.b" is there twice'],
  [{ a: { b: 'x\0y' } }, '"a.b" has a zero byte'],
])('what dotenv would change is refused: %p', (parameters, sentence) => {
  expect(formatParameters(parameters, 'dotenv')).toEqual({ ok: false, error: expect.stringContaining(sentence) });
});
