import { expect, test } from 'bun:test';
import { LogLines } from '#control-plane/web/log-lines.ts';
import { createShownLines } from '#control-plane/web/shown-lines.ts';

const add = (lines: LogLines, text: string, stream: 'stdout' | 'stderr' = 'stdout'): void =>
  lines.add({ stream, attempt: 1, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });

test('all lines are shown, or those of a stream, also while a log grows', () => {
  const lines = new LogLines();
  const ofStderr = createShownLines(lines, 'stderr', new Set());
  add(lines, 'one\ntwo\n');
  expect(createShownLines(lines, 'all', new Set())()).toBeUndefined();
  expect(ofStderr()).toEqual([]);
  add(lines, 'a note\nunfin', 'stderr');
  expect(ofStderr()).toEqual([2, 3]);
  add(lines, 'three\n');
  add(lines, 'ished\nmore\n', 'stderr');
  expect(ofStderr()).toEqual([2, 3, 5]);
});

test('the lines of a group that is closed are not shown but for its first; another attempt ends it', () => {
  const lines = new LogLines();
  add(lines, 'a\n::group::Install\nb\nc\n::endgroup::\nd\n::group::Open\ne\n');
  lines.add({ stream: 'stdout', attempt: 2, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa('f\n') });
  expect(lines.groups).toEqual([
    { first: 2, last: 5 },
    { first: 7, last: 8 },
  ]);
  expect(createShownLines(lines, 'all', new Set([2]))()).toEqual([0, 1, 5, 6, 7, 8, 9]);
  expect(createShownLines(lines, 'all', new Set([2, 7]))()).toEqual([0, 1, 5, 6, 8, 9]);
});

test('a line that ends a closed group is shown when it has come whole, and what follows it too', () => {
  const lines = new LogLines();
  const places = createShownLines(lines, 'all', new Set([1]));
  add(lines, '::group::Install\nb\n::gro');
  expect(places()).toEqual([0]);
  add(lines, 'up::Build\nc\n');
  expect(places()).toEqual([0, 2, 3]);
  expect(createShownLines(lines, 'all', new Set([1]))()).toEqual([0, 2, 3]);
});

test('the oldest lines of a long log go, and the places of the others are found anew', () => {
  const lines = new LogLines();
  const places = createShownLines(lines, 'stderr', new Set());
  add(lines, 'old\n'.repeat(10), 'stderr');
  expect(places()).toHaveLength(10);
  add(lines, 'line\n'.repeat(1_000_000));
  add(lines, 'late\n', 'stderr');
  expect(lines.dropped).toBeGreaterThan(10);
  expect(places()).toEqual([lines.count - 1]);
});
