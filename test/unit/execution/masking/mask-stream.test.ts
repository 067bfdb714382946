import { expect, test } from 'bun:test';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { masked } from './masked.ts';

test('what is no secret stays as it is, byte by byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
  const parts: Uint8Array[] = [];
  const sink = maskSink({ write: (_, part) => void parts.push(part.slice()) }, createMasker(['not in there']));
  for (let at = 0; at < bytes.length; at += 333) await sink.write('stderr', bytes.subarray(at, at + 333));
  await sink.close();
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

test('the longest of several, overlapping ones together, and those that come again and again', async () => {
  expect(await masked(['abcd', 'abcdefgh'], ['-abcdefgh-abcd-abcdef-'])).toBe('-***-***-***ef-');
  expect(await masked(['abcd', 'cdef'], ['-ab', 'cd', 'ef-'])).toBe('-***-');
  for (const size of [1, 3, 100])
    expect(await masked(['aaaa'], 'a'.repeat(100).match(new RegExp(`.{1,${size}}`, 'g')) ?? [])).toBe('***');
  expect(await masked(['abcd'], ['abc'])).toBe('abc');
});

test('the memory of what was written may be used again at once', async () => {
  const parts: string[] = [];
  const sink = maskSink(
    { write: (_, part) => void parts.push(Buffer.from(part).toString()) },
    createMasker(['abcdef']),
  );
  for (const text of ['-ab', 'cd', 'ef-\n::add-', 'mask::ghijkl\n-gh', 'ijkl-\n', 'YWJjZ', '\nGVm\n']) {
    const bytes = Buffer.from(text);
    await sink.write('stdout', bytes);
    bytes.fill('?');
  }
  await sink.close();
  expect(parts.join('')).toBe('-***-\n-***-\n***\n');
});
