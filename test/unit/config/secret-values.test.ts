import { expect, test } from 'bun:test';
import { secretValues, sourceSecrets } from '#config/secret-values.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
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
  const env = {
    ATTUNE__DATABASE__URL: 'postgres:/u:long%2Fpassword@h/d',
    ATTUNE__MESSAGE_QUEUE__URL: 'amqp://u:with/a/slash@h',
    ATTUNE__SECURITY__ENCRYPTION_KEY: 'whole-secret',
    ATTUNE_API_TOKEN: 'att_0123456789',
    PATH: '/usr/bin:/bin',
  };
  expect(sourceSecrets({ env, file: undefined })).toEqual([
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

test('the secrets in files are found too, those that variables name and those with settings', () => {
  using directory = temporaryDirectory();
  const found = sourceSecrets({
    env: {
      ATTUNE_API_TOKEN_FILE: directory.file('token', 'att_of_a_file\n'),
      ATTUNE__DATABASE__URL_FILE: directory.file('url', 'postgres://u:of%20such%20a%20file@h/d'),
      ATTUNE__SECURITY__ENCRYPTION_KEY_FILE: `${directory.path}/missing`,
    },
    file: directory.file('settings.yaml', 'message_queue:\n  url: amqp://u:of-the-settings@h\nsecurity: [broken\n'),
  });
  expect(found).toEqual(['of%20such%20a%20file', 'of such a file', 'att_of_a_file']);
  const settings = directory.file('settings.yaml', 'message_queue:\n  url: amqp://u:of-the-settings@h\n');
  expect(sourceSecrets({ env: {}, file: settings })).toEqual(['of-the-settings', 'of-the-settings']);
});
