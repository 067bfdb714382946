import { expect, test } from 'bun:test';
import { createFrameReader, frameOf } from '#execution/process/frames.ts';

test('frames come whole, however their bytes are divided', () => {
  const frames = ['', 'x', 'y'.repeat(70_000), '\0'].map((text, n): [string, string] => [`abcd`[n] ?? '', text]);
  const bytes = Buffer.concat(frames.map(([letter, text]) => frameOf(letter, Buffer.from(text))));
  for (const size of [1, 3, 4096, bytes.length]) {
    const read: [string, string][] = [];
    const take = createFrameReader((letter, carried) => read.push([letter, carried.toString()]));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(read).toEqual(frames);
  }
});
