import { expect, test } from 'bun:test';
import { checkParameters, jsonSchemaOf, parameterFromText } from '#packs/parameter-schema.ts';

const flat = {
  url: { type: 'string', required: true, secret: true },
  count: { type: 'integer', default: 3, minimum: 1 },
  mode: { type: 'string', enum: ['fast', 'safe'], required: true, default: 'safe' },
  options: { type: 'object', properties: { deep: { type: 'boolean', required: true } } },
};

function schemaOf(parameters: Record<string, unknown>): Readonly<Record<string, unknown>> | undefined {
  const schema = jsonSchemaOf(parameters);
  if (!schema.ok) throw new Error(JSON.stringify(schema.error));
  return schema.value;
}

function check(given: Record<string, unknown>, parameters: Record<string, unknown> = flat): unknown {
  const checked = checkParameters(given, schemaOf(parameters));
  return checked.ok ? checked.value : checked.error;
}

test('defaults are filled in', () => {
  expect(check({ url: 'x' })).toEqual({ url: 'x', count: 3, mode: 'safe' });
});

test('everything that is wrong is named at once', () => {
  expect(check({ cuont: 1, count: 'many', mode: 'slow', options: {} })).toEqual([
    "parameter 'url' is required",
    expect.stringContaining("parameter 'count':"),
    expect.stringContaining("parameter 'mode':"),
    "parameter 'options.deep' is required",
    "unknown parameter 'cuont', did you mean 'count'?",
  ]);
});

test('a value may be secret: what is expected is said, and no kind of value that it has', () => {
  const parameters = {
    n: { type: 'integer', minimum: 5 },
    m: { type: 'number', multipleOf: 2 },
    e: { type: 'string', enum: ['a', 'b'] },
    f: { type: 'string', format: 'email' },
    p: { type: 'string', pattern: '^a' },
    c: { const: 3 },
    t: { type: 'string', maxLength: 2 },
  };
  expect(check({ n: 4, m: 3, e: 'c', f: 'x', p: 'b', c: 4, t: 'abc' }, parameters)).toEqual([
    "parameter 'n': expected at least 5",
    "parameter 'm': expected a multiple of 2",
    "parameter 'e': expected one of a, b",
    "parameter 'f': expected the form 'email'",
    "parameter 'p': expected text that fits /^a/",
    "parameter 'c': expected 3",
    "parameter 't': expected at most 2 characters, not 3",
  ]);
});

test('a JSON Schema object says the same as the flat form', () => {
  const schema = {
    type: 'object',
    properties: { url: { type: 'string' }, count: { type: 'integer' } },
    required: ['url'],
  };
  expect(check({ count: 1.5 }, schema)).toEqual([
    "parameter 'url' is required",
    expect.stringContaining("parameter 'count':"),
  ]);
  expect(check({ url: 'x' }, schema)).toEqual({ url: 'x' });
});

test('an action without a schema takes anything', () => {
  expect(checkParameters({ a: [1] }, undefined)).toEqual({ ok: true, value: { a: [1] } });
});

test('an impossible schema is an error, not an exception', () => {
  expect(jsonSchemaOf({ a: { type: 'quux' } }).ok).toBe(false);
});

test('text becomes what the schema wants, and stays text where it does not fit', () => {
  const schema = schemaOf({
    n: { type: 'integer' },
    s: { type: 'string' },
    b: { type: 'boolean' },
    l: { type: 'array' },
    o: { type: 'object' },
  });
  const read = (key: string, text: string): unknown => {
    const value = parameterFromText(key, text, schema);
    return value.ok ? value.value : value.error;
  };
  expect([
    read('n', '5'),
    read('s', '5'),
    read('b', 'true'),
    read('l', '[1]'),
    read('o', '{"a":1}'),
    read('n', 'five'),
    read('z', '5'),
  ]).toEqual([5, '5', true, [1], { a: 1 }, 'five', '5']);
  expect(read('n', '12345678901234567890')).toContain('would be changed to 12345678901234567000');
  expect(read('o', '{"a":[1e999]}')).toContain('1e999 is too large');
});

test('a text is kept as it was written where a form, a value or a reference wants one', () => {
  const schema = schemaOf({
    any: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    one: { oneOf: [{ type: 'string', pattern: '^[0-9.]+$' }, { type: 'object' }] },
    all: { allOf: [{ type: 'string' }, { minLength: 2 }] },
    deep: { anyOf: [{ type: 'null' }, { oneOf: [{ type: 'string' }, { type: 'boolean' }] }] },
    version: { enum: ['3.9', '3.10', 4] },
    constant: { const: '1e3' },
    numbers: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    list: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
  });
  const read = (key: string, text: string): unknown => {
    const value = parameterFromText(key, text, schema);
    return value.ok ? value.value : value.error;
  };
  for (const text of ['3.10', '1e400', '12345678901234567890', '-0', 'true', 'text'])
    expect(read('any', text)).toBe(text);
  expect(read('any', 'null')).toBeNull();
  expect([read('one', '3.10'), read('one', '{"a":3.10}')]).toEqual(['3.10', { a: 3.1 }]);
  expect([read('all', '3.10'), read('deep', '3.10'), read('deep', 'true')]).toEqual(['3.10', '3.10', true]);
  expect([read('version', '3.10'), read('version', '4'), read('constant', '1e3')]).toEqual(['3.10', 4, '1e3']);
  expect([read('numbers', '3.10'), read('list', '[3.10, null, "a"]')]).toEqual([3.1, ['3.10', null, 'a']]);
  const referred = { properties: { v: { $ref: '#/$defs/text' } }, $defs: { text: { type: 'string' } } };
  expect(parameterFromText('v', '3.10', referred)).toEqual({ ok: true, value: '3.10' });
});

test('a value of another kind is not also too short', () => {
  const schema = jsonSchemaOf({ values: { type: 'array', minItems: 2 } });
  expect(checkParameters({ values: 'x' }, schema.ok ? schema.value : undefined)).toEqual({
    ok: false,
    error: ["parameter 'values': expected a list, not text"],
  });
});
