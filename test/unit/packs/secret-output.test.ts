import { expect, test } from 'bun:test';
import { hasSecrets, takeSecrets } from '#packs/secret-output.ts';

test('secret parts of a result are taken out wherever they are, and nothing else', () => {
  const schema = {
    token: { type: 'string', secret: true },
    user: { type: 'object', properties: { name: {}, key: { secret: true } } },
    list: { type: 'array', secret: true },
  };
  const data = { token: 't', user: { name: 'n', key: { a: 1 } }, list: [1, 2], other: 'o' };
  expect(takeSecrets(data, schema)).toEqual({
    data: { token: '********', user: { name: 'n', key: '********' }, list: '********', other: 'o' },
    secrets: [
      { path: 'token', value: 't' },
      { path: 'user.key', value: { a: 1 } },
      { path: 'list', value: [1, 2] },
    ],
  });
  expect(takeSecrets(data, { type: 'object', properties: schema })).toMatchObject({ data: { token: '********' } });
  for (const plain of [undefined, null, 'text', [1], 7])
    expect(takeSecrets(plain, schema)).toEqual({ data: plain, secrets: [] });
  expect(takeSecrets(data, undefined)).toEqual({ data, secrets: [] });
});

test('secrets are found in lists, behind references and combinations, and by additionalProperties', () => {
  const schema = {
    type: 'object',
    properties: {
      hosts: { type: 'array', items: { type: 'object', properties: { name: {}, password: { secret: true } } } },
      pair: { type: 'array', prefixItems: [{}, { secret: true }] },
      either: { anyOf: [{ type: 'string' }, { type: 'string', secret: true }] },
      named: { $ref: '#/$defs/login' },
      loop: { $ref: '#/$defs/loop' },
      open: { type: 'object', additionalProperties: { secret: true } },
    },
    $defs: { login: { properties: { key: { secret: true } } }, loop: { $ref: '#/$defs/loop' } },
  };
  const data = {
    hosts: [
      { name: 'a', password: 'p1' },
      { name: 'b', password: 'p2' },
    ],
    pair: ['left', 'right'],
    either: 'e',
    named: { key: 'k' },
    loop: 'l',
    open: { any: 'o' },
  };
  const { data: masked, secrets } = takeSecrets(data, schema);
  expect(JSON.stringify(masked)).toBe(
    '{"hosts":[{"name":"a","password":"********"},{"name":"b","password":"********"}],"pair":["left","********"],' +
      '"either":"********","named":{"key":"********"},"loop":"l","open":{"any":"********"}}',
  );
  expect(secrets.map(({ path, value }) => [path, value])).toEqual([
    ['hosts.0.password', 'p1'],
    ['hosts.1.password', 'p2'],
    ['pair.1', 'right'],
    ['either', 'e'],
    ['named.key', 'k'],
    ['open.any', 'o'],
  ]);
  expect(hasSecrets(schema)).toBe(true);
  expect(hasSecrets({ properties: { list: { items: {} } } })).toBe(false);
});
