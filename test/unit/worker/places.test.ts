import { expect, test } from 'bun:test';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#cli/wiring/clock.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import type { Place } from '#worker/place.ts';
import { createPlaces } from '#worker/places.ts';
import { createEventLog } from './samples.ts';

const full = Object.assign(new Error('no space is left'), { code: 'ENOSPC' });
const MUCH = 2 ** 60;

function openPlaces(path: string, changes: Partial<Place> = {}) {
  const place: Place = { name: 'work directory', path, isOwn: false, isWatched: true, bytes: 1000, ...changes };
  const { logger, events } = createEventLog();
  return { events, places: createPlaces({ places: [place], clock: systemClock, logger }) };
}

test('a place is lost while it cannot be written to, and whoever watches hears of both', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'place');
  const { places, events } = openPlaces(path);
  const heard: (string | undefined)[] = [];
  const stop = new AbortController();
  const watching = places.watch((trouble: Trouble | undefined) => void heard.push(trouble?.word), stop.signal);
  await until('the loss is heard', () => heard.length === 1);
  expect(places.troubles()).toMatchObject([{ word: 'missing', why: expect.stringContaining(path) }]);
  mkdirSync(path);
  await until('the return is heard', () => heard.length === 2);
  stop.abort();
  await watching;
  expect([heard, places.troubles(), events]).toEqual([['missing', undefined], [], ['place lost', 'place good again']]);
});

test('a place of the agent is made again; another is not', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'place');
  expect((await openPlaces(path).places.examine())?.word).toBe('missing');
  expect(await openPlaces(path, { isOwn: true }).places.examine()).toBeUndefined();
});

test('a place is to blame for what it cannot hold now, and not for what it could never hold', async () => {
  using directory = temporaryDirectory();
  const { places } = openPlaces(directory.path);
  const failure = { place: 'work directory', error: full, bytes: 10 } as const;
  expect(await places.isLost({ ...failure, bytes: MUCH })).toBe(false);
  expect(await places.isLost({ ...failure, error: new Error('the wrong argument') })).toBe(false);
  expect(await places.isLost({ ...failure, place: 'spool' })).toBe(false);
  expect(places.troubles()).toEqual([]);
  expect(await places.isLost(failure)).toBe(true);
  expect(places.troubles()).toMatchObject([{ word: 'full' }]);
  expect(await places.examine()).toBeUndefined();
});

test('a place that is not watched is lost only if its probe says so', async () => {
  using directory = temporaryDirectory();
  const { places } = openPlaces(directory.path, { name: 'environments', isWatched: false });
  expect(await places.isLost({ place: 'environments', error: full, bytes: 0 })).toBe(false);
  rmSync(directory.path, { recursive: true });
  expect(await places.isLost({ place: 'environments', error: full, bytes: 0 })).toBe(true);
});

test('work that may succeed later is repeated, and its place counts as lost meanwhile', async () => {
  using directory = temporaryDirectory();
  const { places } = openPlaces(directory.path);
  let tries = 0;
  const work = async (): Promise<string> => {
    if (++tries < 3) throw new Unavailable('the bucket is away', { word: 'failing' });
    expect(places.troubles()).toMatchObject([{ word: 'failing' }]);
    return 'stored';
  };
  const at = { place: 'artifacts', bytes: 1, stop: new AbortController().signal } as const;
  expect(await places.retry(work, at)).toBe('stored');
  expect([tries, places.troubles()]).toEqual([3, []]);
});

test('work that is given up rejects with its last error, and work that fails for good at once', async () => {
  using directory = temporaryDirectory();
  const { places } = openPlaces(directory.path);
  const stop = new AbortController();
  const at = { place: 'artifacts', bytes: 1, stop: stop.signal } as const;
  const waiting = places.retry(() => Promise.reject(new Unavailable('the bucket is away')), at);
  await until('it waits', () => places.troubles().length > 0);
  stop.abort();
  expect(String(await waiting.catch((error: unknown) => error))).toContain('the bucket is away');
  expect(places.troubles()).toEqual([]);
  const failing = places.retry(() => Promise.reject(new Error('no such file')), {
    ...at,
    stop: new AbortController().signal,
  });
  expect(String(await failing.catch((error: unknown) => error))).toContain('no such file');
});
