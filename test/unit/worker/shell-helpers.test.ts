import { expect, test } from 'bun:test';
import { withShellHelpers } from '#worker/shell-helpers.ts';

test('parameters are quoted for a shell, and their names are made ones of variables', () => {
  const parameters = { 'a-b': "it's $HOME", '1st': null, list: [1, 'x'], on: true };
  expect(withShellHelpers('echo "$on"', parameters).split('\n')).toEqual([
    '#!/bin/bash',
    'set -e',
    "PARAM_A_B='it'\\''s $HOME'",
    "a_b='it'\\''s $HOME'",
    "PARAM__ST=''",
    "_st=''",
    `PARAM_LIST='[1,"x"]'`,
    `list='[1,"x"]'`,
    "PARAM_ON='true'",
    "on='true'",
    '',
    'echo "$on"',
  ]);
});
