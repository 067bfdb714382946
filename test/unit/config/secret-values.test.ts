import { expect, test } from 'bun:test';
import { environmentSecrets, secretValues } from '#config/secret-values.ts';
import { load } from './sources.ts';

test('secrets that are to be found in texts: long ones, as they are and decoded; words are left alone', () => {
  const env = {
    ATTUNE__DATABASE__URL: 'postgres://u:long%2Fpassword@h/d',
    ATTUNE__MESSAGE_QUEUE__URL: 'amqp://guest:guest@h',
    ATTUNE_API_TOKEN: 'att_0123456789',
  };
  const config = load({ env });
  expect(secretValues(config)).toEqual(['long%2Fpassword', 'long/password', 'att_0123456789']);
});

test('the secrets of an environment are found also where no configuration can be read', () => {
  const found = environmentSecrets({
    ATTUNE__DATABASE__URL: 'postgres:/u:long%2Fpassword@h/d',
    ATTUNE__MESSAGE_QUEUE__URL: 'amqp://u:with/a/slash@h',
    ATTUNE__SECURITY__ENCRYPTION_KEY: 'whole-secret',
    ATTUNE_API_TOKEN: 'att_0123456789',
    PATH: '/usr/bin:/bin',
  });
  expect(found).toEqual([
    'long%2Fpassword',
    'long/password',
    'with/a/slash',
    'with/a/slash',
    'whole-secret',
    'att_0123456789',
  ]);
});

test('a database is named by a whole URL, in which the password is where it is looked for', () => {
  expect(() => load({ env: { ATTUNE__DATABASE__URL: 'postgres:/u:long-password@h/d' } })).toThrow(
    /begins with postgres/,
  );
});
