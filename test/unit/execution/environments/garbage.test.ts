import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { collectGarbage } from '#execution/environments/garbage.ts';
import { listReady } from '#execution/environments/layout.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { HOUR_MS, publishSample } from './publish-sample.ts';

const now = Date.now();

/** Names of the environments that can be used. */
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
    publishSample(root, name, { bytes, hoursAgo });
  const removed = await collectGarbage(root, { ageMs: 50 * HOUR_MS, bytes: 85 }, { now, isUsed: () => false });
  expect(removed.map((one) => one.key)).toEqual(['v/demo/ancient', 'v/demo/old']);
  expect(names(root).toSorted()).toEqual(['newer', 'recent']);
  expect(readdirSync(join(root, 'demo'))).toHaveLength(4);
});

test('what is used now or was just now stays, however much there is', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const used = publishSample(root, 'used', { bytes: 1000, hoursAgo: 30 });
  publishSample(root, 'just-now', { bytes: 1000, hoursAgo: 0.1 });
  const keep = { now, isUsed: (one: string) => one === used };
  expect(await collectGarbage(root, { ageMs: HOUR_MS, bytes: 1 }, keep)).toEqual([]);
  const removed = await collectGarbage(root, { ageMs: 0, bytes: 1 }, keep);
  expect(removed.map((one) => one.key)).toEqual(['v/demo/just-now']);
});
