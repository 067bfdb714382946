import { expect, test } from 'bun:test';
import { groupAt, placeOfError, placesWith, shownPlaces, textOf } from '#control-plane/web/find-lines.ts';
import { LogLines } from '#control-plane/web/log-lines.ts';

test('lines are found by what is seen of them, by their stream, and where they look like an error', () => {
  const lines = new LogLines();
  const add = (stream: 'stdout' | 'stderr', text: string): void =>
    lines.add({ stream, attempt: 1, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  add('stdout', 'one\n\u001b[31mT\u001b[32mwo\u001b[0m\n');
  add('stderr', 'a note\n');
  expect(placesWith(lines, 'TWO')).toEqual([1]);
  expect(placesWith(lines, '')).toEqual([]);
  expect(shownPlaces(lines, 'all', new Set())).toBeUndefined();
  expect(shownPlaces(lines, 'stderr', new Set())).toEqual([2]);
  expect(placeOfError(lines)).toBe(2);
  add('stdout', 'fatal: gone\n');
  expect(placeOfError(lines)).toBe(3);
  expect(textOf(lines)).toBe('one\nTwo\na note\nfatal: gone\n');
});

test('the lines of a group that is closed are not shown but for its first; another attempt ends it', () => {
  const lines = new LogLines();
  const add = (text: string, attempt = 1): void =>
    lines.add({ stream: 'stdout', attempt, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  add('a\n::group::Install\nb\nc\n::endgroup::\nd\n::group::Open\ne\n');
  add('f\n', 2);
  expect(lines.groups).toEqual([
    { first: 2, last: 5 },
    { first: 7, last: 8 },
  ]);
  expect(shownPlaces(lines, 'all', new Set([2]))).toEqual([0, 1, 5, 6, 7, 8, 9]);
  expect(shownPlaces(lines, 'all', new Set([2, 7]))).toEqual([0, 1, 5, 6, 8, 9]);
  expect([0, 1, 2, 4, 5, 7, 9].map((place) => groupAt(lines, place))).toEqual([
    ...[undefined, undefined, 2, 2, undefined, 7, undefined],
  ]);
});
