import { expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { applyPatch } from 'fast-json-patch';
import { patchBetween } from '#webhook/patch.ts';

const json = fc.dictionary(
  fc.oneof(fc.constantFrom('a', 'b', 'x/y', '~1', '~'), fc.string()).filter((key) => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 3 }),
);

test('another implementation of JSON Patch makes the one value of the other', async () => {
  await fc.assert(
    fc.property(json, json, (raw, other) => {
      const [before, after] = [raw, other].map((one) =>
        JSON.parse(JSON.stringify(one).replaceAll('__proto__', 'proto')),
      );
      const patch = JSON.parse(JSON.stringify(patchBetween(before, after)));
      expect(applyPatch(structuredClone(before), patch, true).newDocument).toEqual(after);
    }),
    { numRuns: 300, seed: 22 },
  );
});

test('nothing is said of what stays', () => {
  expect(patchBetween({ a: [1, { b: 2 }], c: null }, { a: [1, { b: 2 }], c: null })).toEqual([]);
  expect(patchBetween({ a: [1] }, { a: [1, 2] })).toEqual([{ op: 'add', path: '/a/-', value: 2 }]);
  expect(patchBetween({ a: 1, b: 2 }, { a: undefined, b: 2 })).toEqual([{ op: 'remove', path: '/a' }]);
});
