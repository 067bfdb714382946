import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectGarbage } from '#execution/environments/garbage.ts';
import {
  findReady,
  listReady,
  newDirectory,
  publish,
  removeUnfinished,
  volumeId,
} from '#execution/environments/layout.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const HOUR_MS = 3_600_000;
const now = Date.now();

/** An environment of that size whose last use was so long ago. */
function make(root: string, name: string, { bytes, hoursAgo }: { bytes: number; hoursAgo: number }): string {
  const place = join(root, 'demo', name);
  const directory = newDirectory(place);
  const note = {
    key: `v/demo/${name}`,
    recipe: 'pip',
    pack: 'demo',
    packVersion: '1',
    runtime: 'python',
    built: '',
    bytes,
  };
  expect(publish(place, directory, note)).toBe(true);
  const used = new Date(now - hoursAgo * HOUR_MS);
  utimesSync(join(directory, 'ready.json'), used, used);
  return directory;
}

const names = (root: string): readonly string[] => listReady(root).map((one) => one.place.slice(root.length + 6));

test('what nobody has used for long is removed, and then what is too much, longest unused first', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  for (const [name, bytes, hoursAgo] of [
    ['ancient', 1, 100],
    ['old', 40, 20],
    ['newer', 40, 10],
    ['recent', 40, 0],
  ] as const)
    make(root, name, { bytes, hoursAgo });
  const removed = await collectGarbage(root, { ageMs: 50 * HOUR_MS, bytes: 85 }, { now, isUsed: () => false });
  expect(removed.map((one) => one.key)).toEqual(['v/demo/ancient', 'v/demo/old']);
  expect(names(root).toSorted()).toEqual(['newer', 'recent']);
  expect(readdirSync(join(root, 'demo'))).toHaveLength(4);
});

test('what is used now or was just now stays, however much there is', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const used = make(root, 'used', { bytes: 1000, hoursAgo: 30 });
  make(root, 'just-now', { bytes: 1000, hoursAgo: 0.1 });
  const keep = { now, isUsed: (one: string) => one === used };
  expect(await collectGarbage(root, { ageMs: HOUR_MS, bytes: 1 }, keep)).toEqual([]);
  const removed = await collectGarbage(root, { ageMs: 0, bytes: 1 }, keep);
  expect(removed.map((one) => one.key)).toEqual(['v/demo/just-now']);
});

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
  const first = make(directory.path, 'python-1', { bytes: 1, hoursAgo: 0 });
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
