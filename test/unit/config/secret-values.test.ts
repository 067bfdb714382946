import { expect, test } from 'bun:test';
import { secretValues } from '#config/secret-values.ts';
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
