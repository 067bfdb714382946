import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { fileErrorOf } from '#domain/errors.ts';

test('an error of a file is told without its code, its call and its path; any other as it is', () => {
  const error = (() => {
    try {
      return readFileSync('/no/such, file');
    } catch (caught) {
      return caught;
    }
  })();
  expect(fileErrorOf(error)).toBe('no such file or directory');
  expect(fileErrorOf(new Error('EASY: it is not, as it seems'))).toBe('EASY: it is not, as it seems');
});
