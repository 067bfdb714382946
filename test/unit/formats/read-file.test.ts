import { expect, test } from 'bun:test';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { readSmallFile, readStart } from '#formats/read-file.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('of a file only what is asked for is read, however large it is', () => {
  using directory = temporaryDirectory();
  const file = directory.file('a', 'begin');
  expect(readStart(file, 1000).toString()).toBe('begin');
  expect(readStart(file, 3).toString()).toBe('beg');
  expect(readSmallFile(file, 5).toString()).toBe('begin');
  expect(() => readSmallFile(file, 4)).toThrow('it is larger than');
  truncateSync(file, 2 ** 40);
  expect(readStart(file, 6).toString()).toBe('begin\0');
  expect(() => readSmallFile(file, 2 ** 20)).toThrow('it is larger than 1 MiB');
});

test('a file of the kernel, which says that it is empty, is read', () => {
  expect(readSmallFile('/proc/self/stat', 4096).length).toBeGreaterThan(50);
});

test('what may have no end is not read', () => {
  using directory = temporaryDirectory();
  const pipe = join(directory.path, 'pipe');
  Bun.spawnSync(['mkfifo', pipe]);
  for (const path of [pipe, '/dev/zero']) expect(() => readStart(path, 1)).toThrow('expected a file');
  expect(() => readStart(directory.path, 1)).toThrow('it is a directory');
  expect(() => readStart(join(directory.path, 'absent'), 1)).toThrow('no such file');
});
