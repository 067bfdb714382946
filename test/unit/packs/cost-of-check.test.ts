import { expect, test } from 'bun:test';
import { isCheckedSoon } from '#packs/cost-of-check.ts';

const ofText = (text: object): object => ({ type: 'object', properties: { text: { type: 'string', ...text } } });

test.each([
  ['no schema', { text: 'x' }, undefined],
  ['a plain one', { text: 'x'.repeat(4000) }, ofText({ maxLength: 5000 })],
  ['a pattern', { text: 'web-1.example.org' }, ofText({ pattern: '^[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63}){0,5}$' })],
])('%s is checked soon', (_, given, schema) => {
  expect(isCheckedSoon(given, schema)).toBe(true);
});

test.each([
  ['many parameters', { text: 'x'.repeat(5000) }, ofText({})],
  [
    'a wide schema',
    {},
    { properties: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`p${n}`, { type: 'string' }])) },
  ],
  ['a schema that names parts of itself', {}, { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: {} } }],
  ['repetitions of repetitions', { text: 'a'.repeat(3000) }, ofText({ pattern: '^((a{1,10}){1,10}){1,10}$' })],
])('%s may take long', (_, given, schema) => {
  expect(isCheckedSoon(given, schema)).toBe(false);
});
