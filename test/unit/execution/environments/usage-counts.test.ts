import { expect, test } from 'bun:test';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createUsageCounts } from '#execution/environments/usage-counts.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { publishSample } from './publish-sample.ts';

const MINUTE_MS = 60_000;

test('an environment is held until everybody has released it', () => {
  const usage = createUsageCounts(createFakeClock());
  const [one, two] = [usage.hold('/a'), usage.hold('/a')];
  one[Symbol.dispose]();
  expect([usage.isHeld('/a'), usage.isHeld('/b')]).toEqual([true, false]);
  two[Symbol.dispose]();
  expect(usage.isHeld('/a')).toBe(false);
});

test('a use is noted on the volume at its begin and every minute, by however many', async () => {
  using directory = temporaryDirectory();
  const clock = createFakeClock();
  const usage = createUsageCounts(clock);
  const place = publishSample(directory.path, 'a', { bytes: 1, hoursAgo: 9 });
  const usedAt = (): number => statSync(join(place, 'ready.json')).mtimeMs;
  const seen = [usedAt()];
  const held = usage.hold(place);
  seen.push(usedAt());
  publishedLongAgo(place);
  await clock.advance(MINUTE_MS - 1);
  const another = usage.hold(place);
  seen.push(usedAt());
  await clock.advance(1);
  seen.push(usedAt());
  const isNoted = seen.map((at) => Date.now() - at < 3_600_000);
  expect(isNoted).toEqual([false, true, false, true]);
  held[Symbol.dispose]();
  another[Symbol.dispose]();
  await clock.settle();
  expect(clock.sleepers()).toEqual([]);
});

function publishedLongAgo(place: string): void {
  utimesSync(join(place, 'ready.json'), new Date(0), new Date(0));
}
