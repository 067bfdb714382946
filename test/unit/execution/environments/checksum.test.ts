/** Packs may have many and large files: what depends on them is told by their checksum, while others get their turns. */
import { expect, test } from 'bun:test';
import { truncateSync, writeFileSync } from 'node:fs';
import { createChecksum } from '#execution/environments/checksum.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { turnsDuring } from '#test/support/turns.ts';

test('a checksum is that of the names and contents of its inputs', async () => {
  using directory = temporaryDirectory();
  directory.file('requirements.txt', 'a');
  directory.file('requirements-more.txt', 'b');
  directory.file('vendor/deep/c', 'c');
  directory.file('vendor/.git/config', 'd');
  const of = (...inputs: readonly string[]): Promise<string> => createChecksum()(directory.path, inputs);
  const before = await of('requirements*.txt', 'vendor', 'absent');
  expect(await of('vendor', 'requirements*.txt')).toBe(before);
  expect(await of('requirements.txt', 'requirements-more.txt', 'vendor/deep/c')).toBe(before);
  expect(await of('.')).toBe(before);
  writeFileSync(`${directory.path}/vendor/.git/config`, 'e');
  expect(await of('.')).toBe(before);
  writeFileSync(`${directory.path}/vendor/deep/c`, 'e');
  expect(await of('.')).not.toBe(before);
});

test('while a large file is read, others get their turns', async () => {
  using directory = temporaryDirectory();
  truncateSync(directory.file('vendor/wheel.whl', ''), 64 * 1024 * 1024);
  expect(await turnsDuring(() => createChecksum()(directory.path, ['vendor']))).toBeGreaterThan(50);
});
