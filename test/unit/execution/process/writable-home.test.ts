import { expect, test } from 'bun:test';
import { writableHome } from '#execution/process/writable-home.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('a directory that can be written to is a home; nothing else is', () => {
  using directory = temporaryDirectory();
  const file = directory.file('file', '');
  expect(writableHome({ HOME: directory.path })).toBe(directory.path);
  for (const HOME of [undefined, '', '.', '/proc', '/dev/null', '/no/such/home', file, `${file}/below`])
    expect([HOME, writableHome({ HOME })]).toEqual([HOME, undefined]);
});
