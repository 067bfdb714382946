import { expect, test } from 'bun:test';
import { draftOfMembers, type Flaws, initialDraft, valuesOf } from '#control-plane/web/drafts.ts';
import { valueOfText } from '#control-plane/web/exact-json.ts';
import { withoutHidden } from '#control-plane/web/hidden.ts';
import { membersOf } from '#control-plane/web/schema.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';

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
    count: { type: ['integer', 'null'] },
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
  const bad = { name: '', mood: '', size: '1.5', rate: '1,5', count: '12345678901234567890', text: '' };
  const { values, flaws } = read({ ...bad, place: { town: 'Ulm', floor: 'up' } });
  expect(values['text']).toBe('');
  expect([...flaws.keys()]).toEqual(['name', 'mood', 'size', 'rate', 'count', 'place.floor']);
  expect(flaws.get('count')).toContain('12345678901234567890: is no number that can be kept');
});

test('values become drafts and values again; a mask is no value of a secret', () => {
  const values = { name: 'x', mood: null, loud: true, size: 2, words: ['a'], any: { b: [1] }, place: { town: 'Ulm' } };
  const flaws: Flaws = new Map();
  const shown = { ...values, key: HIDDEN_VALUE };
  const draft = draftOfMembers(members, withoutHidden(shown).values);
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

test('what is written is kept as text where a form, a value or a reference wants one, and comes back as it was', () => {
  const schema = {
    properties: {
      either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      deep: { oneOf: [{ type: 'null' }, { anyOf: [{ type: 'string' }, { type: 'boolean' }] }] },
      types: { type: ['string', 'integer'] },
      wide: { type: ['string', 'number'] },
      numbers: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      choice: { enum: ['3.9', '3.10', 4] },
      list: { type: 'array', items: { $ref: '#/$defs/text' } },
    },
    $defs: { text: { type: 'string' } },
  };
  const all = membersOf(schema);
  const of = (name: string) => all.find((one) => one.name === name)?.property;
  const read = (name: string, text: string): unknown => {
    const flaws: Flaws = new Map();
    return flaws.get(name) ?? valuesOf(all, { [name]: text }, { flaws })[name];
  };
  for (const text of ['3.10', '1e400', '12345678901234567890', 'true', 'words'])
    expect(read('either', text)).toBe(text);
  expect([read('either', '"3.10"'), read('either', 'null'), read('either', '[1')]).toEqual(['3.10', null, undefined]);
  expect([read('deep', '3.10'), read('deep', 'true')]).toEqual(['3.10', true]);
  expect([read('types', '5'), read('types', '3.10'), read('wide', '3.10'), read('wide', '3.1')]).toEqual([
    ...[5, '3.10', '3.10', 3.1],
  ]);
  expect([read('numbers', '3.10'), read('list', '[3.10, "a"]')]).toEqual([3.1, ['3.10', 'a']]);
  const linked = (name: string, text: string): unknown => {
    const property = of(name);
    return property && valueOfText(text, property.meaning);
  };
  expect([linked('types', '5'), linked('either', '3.10'), linked('choice', '3.10'), linked('choice', '4')]).toEqual([
    ...['5', '3.10', '3.10', 4],
  ]);
});
