import { expect, test } from 'bun:test';
import { groupAt, placeOfError, placesWith, textOf } from '#control-plane/web/find-lines.ts';
import { LogLines } from '#control-plane/web/log-lines.ts';

function linesOf(...parts: readonly string[]): LogLines {
  const lines = new LogLines();
  for (const text of parts) lines.add({ stream: 'stdout', attempt: 1, offset: 0, at: '', data: btoa(text) });
  return lines;
}

test('lines are found by what is seen of them, and where they look like an error', async () => {
  const lines = new LogLines();
  const add = (stream: 'stdout' | 'stderr', text: string): void =>
    lines.add({ stream, attempt: 1, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  add('stdout', 'one\n\u001b[31mT\u001b[32mwo\u001b[0m\n');
  add('stderr', 'a note\n');
  expect(await placesWith(lines, 'TWO')).toEqual([1]);
  expect(await placesWith(lines, '')).toEqual([]);
  expect(await placeOfError(lines)).toBe(2);
  add('stdout', 'fatal: gone\n');
  expect(await placeOfError(lines)).toBe(3);
  expect(await (await textOf(lines)).text()).toBe('one\nTwo\na note\nfatal: gone\n');
});

test('others have their turn while a long log is looked through, and its oldest lines may go meanwhile', async () => {
  const lines = linesOf('first\n', 'line\n'.repeat(4999), 'wanted\n', 'line\n'.repeat(4999));
  const turns = { count: 0 };
  const turn = async (): Promise<void> => void turns.count++;
  expect(await placesWith(lines, 'wanted', turn)).toEqual([5000]);
  expect(turns.count).toBe(10);
  await placeOfError(lines, turn);
  expect(await (await textOf(lines, turn)).text()).toBe(
    `first\n${'line\n'.repeat(4999)}wanted\n${'line\n'.repeat(4999)}`,
  );
  expect(turns.count).toBe(30);
  let more = 1_000_000;
  const grow = async (): Promise<void> => {
    if (more === 0) return;
    lines.add({ stream: 'stdout', attempt: 1, offset: 0, at: '', data: btoa('late\n'.repeat(more)) });
    more = 0;
  };
  expect(await placesWith(lines, 'first', grow)).toEqual([]);
  expect(lines.dropped).toBeGreaterThan(0);
});

test('a line is in the group that began before it; another attempt ends it', () => {
  const lines = linesOf('a\n::group::Install\nb\nc\n::endgroup::\nd\n::group::Open\ne\n');
  lines.add({ stream: 'stdout', attempt: 2, offset: 0, at: '', data: btoa('f\n') });
  expect([0, 1, 2, 4, 5, 7, 9].map((place) => groupAt(lines, place))).toEqual([
    ...[undefined, undefined, 2, 2, undefined, 7, undefined],
  ]);
});
