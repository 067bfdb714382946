import { expect, test } from 'bun:test';
import { takeSecrets } from '#packs/secret-output.ts';

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
