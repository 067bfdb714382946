import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findReady,
  listReady,
  newDirectory,
  publish,
  removeUnfinished,
  volumeId,
} from '#execution/environments/layout.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { publishSample } from './publish-sample.ts';

test('what was never published is not there, and is removed by who builds it next', async () => {
  using directory = temporaryDirectory();
  const place = join(directory.path, 'demo/python-1');
  const unfinished = newDirectory(place);
  writeFileSync(join(unfinished, 'half'), '');
  expect([findReady(place), listReady(directory.path)]).toEqual([undefined, []]);
  const neighbour = newDirectory(join(directory.path, 'demo/python-10'));
  await removeUnfinished(place);
  expect([existsSync(unfinished), existsSync(neighbour)]).toEqual([false, true]);
});

test('of two that publish the same one wins, and a link to something that is gone does not count', () => {
  using directory = temporaryDirectory();
  const place = join(directory.path, 'demo/python-1');
  const first = publishSample(directory.path, 'python-1', { bytes: 1, hoursAgo: 0 });
  const note = { key: 'k', recipe: 'pip', pack: 'demo', packVersion: '1', runtime: 'python', built: '', bytes: 1 };
  expect([publish(place, newDirectory(place), note), findReady(place)]).toEqual([false, first]);
  const other = join(directory.path, 'demo/python-2');
  symlinkSync('.python-2.gone', other);
  expect(findReady(other)).toBeUndefined();
  const second = newDirectory(other);
  expect([publish(other, second, { ...note }), findReady(other)]).toEqual([true, second]);
});

test('a volume keeps its id, and another has another', () => {
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'a'));
  const [a, again, b] = ['a', 'a', 'b'].map((name) => volumeId(join(directory.path, name)));
  expect(a).toMatch(/^[0-9a-f-]{36}$/);
  expect([again === a, b === a]).toEqual([true, false]);
});

test('the note replaces whatever was there in its place, and no file that a link leads to', () => {
  using directory = temporaryDirectory();
  const victim = directory.file('victim', 'whole');
  const place = join(directory.path, 'demo/python-1');
  const made = newDirectory(place);
  symlinkSync(victim, join(made, 'ready.json'));
  const note = { key: 'k', recipe: 'pip', pack: 'demo', packVersion: '1', runtime: 'python', built: '', bytes: 1 };
  expect(publish(place, made, note)).toBe(true);
  expect(readFileSync(victim, 'utf8')).toBe('whole');
});
