import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { formatParameters } from '#execution/script/format-parameters.ts';

test('json is one line whatever is in it, and yaml reads back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue()), (parameters) => {
      const json = formatParameters(parameters, 'json');
      expect(json.trimEnd().includes('\n')).toBe(false);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(parameters)));
      expect(JSON.stringify(parse(formatParameters(parameters, 'yaml')))).toEqual(JSON.stringify(parameters));
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('dotenv is sorted, nested keys are dotted, arrays are JSON', () => {
  const parameters = { b: { y: 1, x: { z: true } }, a: "it's", c: [1, 'two'], d: null };
  expect(formatParameters(parameters, 'dotenv')).toBe("a='it'\\''s'\nb.x.z='true'\nb.y='1'\nc='[1,\"two\"]'\nd=''\n");
});

test('a real shell reads back every dotenv value', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (value) => {
        const script = `${formatParameters({ v: value }, 'dotenv')}printf %s "$v"`;
        expect(Bun.spawnSync(['sh', '-c', script]).stdout.toString()).toBe(value);
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});
