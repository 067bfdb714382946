import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '#execution/process/remove-tree.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** Makes a chain of so many directories from its end upward: no path is ever long. */
function makeDeep(place: string, levels: number): string {
  const inner = join(place, 'inner');
  const outer = join(place, 'outer');
  mkdirSync(inner);
  writeFileSync(join(inner, 'file'), '');
  for (let level = 1; level < levels; level++) {
    mkdirSync(outer);
    renameSync(inner, join(outer, 'dddddddddd'));
    renameSync(outer, inner);
  }
  return inner;
}

test('a tree of 2,000 levels is removed', async () => {
  using directory = temporaryDirectory();
  const path = makeDeep(directory.path, 2_000);
  await removeTree(path);
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('what a link in a tree leads to stays', async () => {
  using directory = temporaryDirectory();
  directory.file('kept/file', '');
  mkdirSync(join(directory.path, 'tree/inner'), { recursive: true });
  symlinkSync(join(directory.path, 'kept'), join(directory.path, 'tree/inner/link'));
  await removeTree(join(directory.path, 'tree'));
  expect(readdirSync(directory.path)).toEqual(['kept']);
  expect(readdirSync(join(directory.path, 'kept'))).toEqual(['file']);
});

test('a tree that is not there is removed already', async () => {
  using directory = temporaryDirectory();
  await removeTree(join(directory.path, 'none'));
});
