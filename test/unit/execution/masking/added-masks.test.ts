import { expect, test } from 'bun:test';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { masked } from './masked.ts';

test('an action adds masks by a line, which is not shown', async () => {
  const text = 'token soon\n::add-mask::tok-12345\ngot tok-12345\n';
  for (let at = 0; at <= text.length; at++)
    expect(await masked([], [text.slice(0, at), text.slice(at)])).toBe('token soon\ngot ***\n');
  expect(await masked([], ['::add-mask::first\r\nfirst, no line: ::add-mask::x'])).toBe('***, no line: ::add-mask::x');
  expect(await masked([], ['::add-mask::at the end'])).toBe('');
  expect(await masked([], [`::add-mask::${'x'.repeat(70_000)}`, 'yyy', '\nafter\n'])).toBe('after\n');
  expect(await masked([], ['::add-', 'nothing'])).toBe('::add-nothing');
});

test('masks that one stream adds count for the other and for the result', async () => {
  const shown: string[] = [];
  const masker = createMasker([]);
  const sink = maskSink({ write: (stream, bytes) => void shown.push(`${stream} ${Buffer.from(bytes)}`) }, masker);
  await sink.write('stdout', Buffer.from('::add-mask::hunter2\n'));
  await sink.write('stderr', Buffer.from('hunter2\n'));
  await sink.close();
  expect(shown.join('')).toBe('stderr ***stderr \n');
  const value: unknown = { hunter2: ['a hunter2 b', 1, null], n: { deep: 'hunter2' } };
  expect(await masker.value(value)).toEqual({
    '***': ['a *** b', 1, null],
    n: { deep: '***' },
  });
});

test('a flood of added masks is bounded, and said', async () => {
  const lines = Array.from({ length: 1010 }, (_, index) => `::add-mask::value-${index}-\n`).join('');
  const shown = await masked([], [`${lines}value-3- value-1005-\n`]);
  expect(shown).toContain('too many masks');
  expect(shown).toContain('*** value-1005-');
});
