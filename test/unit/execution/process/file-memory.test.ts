import { expect, test } from 'bun:test';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileMemory } from '#execution/process/file-memory.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

/** A file that changed long enough ago, and a memory that counts how often it was read. */
async function settledFile(directory: string) {
  const file = join(directory, 'file');
  writeFileSync(file, 'before');
  await until('its time is over', () => Date.now() - statSync(file).ctimeMs > 500);
  const memory = createFileMemory<string>(300);
  let reads = 0;
  const read = (): string => {
    reads++;
    return readFileSync(file, 'utf8');
  };
  return { file, ask: () => memory.recall('text', [file], read), reads: () => reads };
}

test('a file that has not changed is read once', async () => {
  using directory = temporaryDirectory();
  const { ask, reads } = await settledFile(directory.path);
  expect([ask(), ask(), ask()]).toEqual(['before', 'before', 'before']);
  expect(reads()).toBe(1);
});

const changes: Readonly<Record<string, (file: string) => void>> = {
  'written over': (file) => writeFileSync(file, 'after!'),
  'written over, with its time set back': (file) => {
    const { mtime } = statSync(file);
    writeFileSync(file, 'after!');
    utimesSync(file, mtime, mtime);
  },
  'replaced by another file': (file) => {
    writeFileSync(`${file}.new`, 'after!');
    renameSync(`${file}.new`, file);
  },
};

test.each(Object.keys(changes))('a file that was %s is read again', async (change) => {
  using directory = temporaryDirectory();
  const { file, ask } = await settledFile(directory.path);
  expect(ask()).toBe('before');
  changes[change]?.(file);
  expect(ask()).toBe('after!');
  writeFileSync(file, 'at last');
  expect(ask()).toBe('at last');
});

test('what is absent is asked for each time', () => {
  using directory = temporaryDirectory();
  const memory = createFileMemory<number>();
  let asked = 0;
  for (const name of ['absent', 'a\0b', 'x'.repeat(5000)])
    memory.recall(name, [join(directory.path, name)], () => asked++);
  memory.recall('absent', [join(directory.path, 'absent')], () => asked++);
  expect(asked).toBe(4);
});

test('a file that is gone is asked for again', async () => {
  using directory = temporaryDirectory();
  const { file, ask } = await settledFile(directory.path);
  ask();
  rmSync(file);
  expect(ask).toThrow('ENOENT');
});

test('a file that changed a moment ago is read each time, since its clock may not have gone on', () => {
  using directory = temporaryDirectory();
  const file = directory.file('file', 'text');
  const memory = createFileMemory<number>();
  let asked = 0;
  const ask = (): number => memory.recall('young', [file], () => ++asked);
  utimesSync(file, new Date(0), new Date(0));
  expect(ask()).toBe(1);
  const isYoung = Date.now() - statSync(file).ctimeMs < 3000;
  expect(ask()).toBe(isYoung ? 2 : 1);
});
