import { expect, test } from 'bun:test';
import { plainOf } from '#control-plane/web/ansi.ts';
import { placesWith, textOf } from '#control-plane/web/find-lines.ts';
import { LogLines } from '#control-plane/web/log-lines.ts';

const ESC = '\u001b';

test('lines are made of chunks, of each stream and each attempt by itself', () => {
  const lines = new LogLines();
  const add = (stream: 'stdout' | 'stderr', text: string, attempt = 1): void =>
    lines.add({ stream, attempt, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  add('stdout', `a${ESC}[31m`);
  add('stderr', 'x\n');
  add('stdout', 'b\nred\n10%\r20%\nhalf');
  add('stdout', 'new\n', 2);
  const texts = Array.from({ length: lines.count }, (_, index) => plainOf(lines.at(index)?.text ?? ''));
  expect(texts).toEqual(['ab', 'x', 'red', '20%', 'half', '── attempt 2 ──', 'new']);
  expect(lines.at(2)?.text).toContain(`${ESC}[31m`);
  expect(lines.at(6)).toMatchObject({ attempt: 2, text: 'new' });
});

test('a line is kept whole, however long: it is found by its end, and saved with it', async () => {
  const lines = new LogLines();
  const add = (text: string): void =>
    lines.add({ stream: 'stdout', attempt: 1, offset: 0, at: '2026-01-01T00:00:00Z', data: btoa(text) });
  const long = 'x'.repeat(20_000);
  add(`short\n${long}`);
  add('the end\n');
  expect(await placesWith(lines, 'THE END')).toEqual([1]);
  expect(await (await textOf(lines)).text()).toBe(`short\n${long}the end\n`);
});
