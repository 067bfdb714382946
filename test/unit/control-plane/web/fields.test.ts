import { expect, test } from 'bun:test';
import { fieldsOf } from '#control-plane/web/fields.ts';

const plain = { type: undefined, description: undefined, default: undefined, enum: undefined, secret: false };

test('a form has a field for each property of a schema, in order', () => {
  const size = { type: 'integer', description: 'in cm', default: 3, enum: [1, 3], secret: true };
  const { properties, required } = fieldsOf({ type: 'object', properties: { size, name: {} }, required: ['name'] });
  expect(properties).toEqual([
    ['size', size],
    ['name', plain],
  ]);
  expect(required).toEqual(['name']);
});

test('what a schema says in words that the form does not know is left out, and breaks nothing', () => {
  expect(fieldsOf(null)).toEqual({ properties: [], required: [] });
  expect(fieldsOf({ properties: 'all', required: true })).toEqual({ properties: [], required: [] });
  const strange = { type: ['string', 'null'], description: 7, enum: 'a', secret: 'yes' };
  expect(fieldsOf({ properties: { any: true, strange } }).properties).toEqual([
    ['any', plain],
    ['strange', plain],
  ]);
});
