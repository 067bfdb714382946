import { expect, test } from 'bun:test';
import { placeOfError, placesOf, placesWith, textOf } from '#control-plane/web/find-lines.ts';
import { LogLines } from '#control-plane/web/log-lines.ts';

test('lines are found by what is seen of them, by their stream, and where they look like an error', () => {
  const lines = new LogLines();
  const add = (stream: 'stdout' | 'stderr', text: string): void =>
    lines.add({ stream, attempt: 1, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  add('stdout', 'one\n\u001b[31mT\u001b[32mwo\u001b[0m\n');
  add('stderr', 'a note\n');
  expect(placesWith(lines, 'TWO')).toEqual([1]);
  expect(placesWith(lines, '')).toEqual([]);
  expect(placesOf(lines, 'all')).toBeUndefined();
  expect(placesOf(lines, 'stderr')).toEqual([2]);
  expect(placeOfError(lines)).toBe(2);
  add('stdout', 'fatal: gone\n');
  expect(placeOfError(lines)).toBe(3);
  expect(textOf(lines)).toBe('one\nTwo\na note\nfatal: gone\n');
});
