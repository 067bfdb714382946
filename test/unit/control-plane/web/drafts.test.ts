import { expect, test } from 'bun:test';
import { draftOfMembers, type Flaws, initialDraft, valuesOf } from '#control-plane/web/drafts.ts';
import { membersOf } from '#control-plane/web/schema.ts';

const members = membersOf({
  type: 'object',
  required: ['name', 'mood', 'place', 'key'],
  properties: {
    name: { type: 'string' },
    text: { type: 'string', default: 'one\r\ntwo\n' },
    mood: { enum: ['happy', 1, '1', null] },
    calm: { enum: [1, 2], default: 2 },
    loud: { type: 'boolean' },
    size: { type: 'integer', minimum: 1, description: 'in cm' },
    rate: { type: 'number' },
    key: { type: 'string', secret: true },
    words: { type: 'array', items: { type: 'string' } },
    any: { type: ['string', 'null'] },
    place: {
      type: 'object',
      additionalProperties: false,
      required: ['town'],
      properties: { town: { type: 'string' }, floor: { type: 'integer', default: 0 } },
    },
    extra: { type: 'object', additionalProperties: false, properties: { on: { type: 'boolean', default: true } } },
  },
});

function read(changes: Parameters<typeof valuesOf>[1]) {
  const flaws: Flaws = new Map();
  return { values: valuesOf(members, { ...initialDraft(members), ...changes }, { flaws }), flaws };
}

test('what nobody has touched is what the schema says: defaults as they are, and nothing where there is none', () => {
  const { values, flaws } = read({ name: 'a\nb', mood: '2' });
  expect(values).toEqual({ name: 'a\nb', text: 'one\r\ntwo\n', mood: '1', calm: 2, place: { floor: 0 } });
  expect([...flaws]).toEqual([['place.town', 'is required']]);
});

test('each value comes back as it was written, and what is none is named at its place', () => {
  const place = { town: 'Ulm', floor: '3' };
  const good = read({
    name: 'x',
    mood: '3',
    loud: 'false',
    size: '7',
    rate: '1e3',
    words: ['', 'b'],
    any: 'null',
    place,
  });
  expect([...good.flaws]).toEqual([]);
  expect(good.values).toMatchObject({ mood: null, loud: false, size: 7, rate: 1000, words: ['', 'b'], any: null });
  const bad = { name: '', mood: '', size: '1.5', rate: '1,5', any: '12345678901234567890', text: '' };
  const { values, flaws } = read({ ...bad, place: { town: 'Ulm', floor: 'up' } });
  expect(values['text']).toBe('');
  expect([...flaws.keys()]).toEqual(['name', 'mood', 'size', 'rate', 'any', 'place.floor']);
  expect(flaws.get('any')).toContain('12345678901234567890: is no number that can be kept');
});

test('values become drafts and values again; a mask is no value of a secret', () => {
  const values = { name: 'x', mood: null, loud: true, size: 2, words: ['a'], any: { b: [1] }, place: { town: 'Ulm' } };
  const flaws: Flaws = new Map();
  const draft = draftOfMembers(members, { ...values, key: '***' });
  expect(valuesOf(members, draft, { flaws })).toEqual(values);
  expect([...flaws]).toEqual([]);
});

test('what a schema says in words that the form does not know is asked for as JSON, and breaks nothing', () => {
  expect(membersOf(null)).toEqual([]);
  expect(membersOf({ properties: 'all', required: true })).toEqual([]);
  const strange = { type: ['string', 'null'], description: 7, secret: 'yes' };
  const kinds = membersOf({ properties: { any: true, strange, both: { type: 'string', anyOf: [] } } });
  expect(kinds.map((one) => one.property.kind)).toEqual(['json', 'json', 'json']);
  expect(membersOf({ properties: { size: { type: 'integer', minimum: 1 } } })[0]?.property.bounds).toEqual([
    'at least 1',
  ]);
});
