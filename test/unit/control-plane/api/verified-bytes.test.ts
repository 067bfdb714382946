import { expect, test } from 'bun:test';
import { verifiedBytes } from '#control-plane/api/verified-bytes.ts';
import { sha256Of } from '#crypto/sha256.ts';

const text = 'abcdefghij';
const pieces = (of: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      for (let at = 0; at < of.length; at += 3) controller.enqueue(Buffer.from(of.slice(at, at + 3)));
      controller.close();
    },
  });

test('a whole file and each of its ranges, when the file is the one that was kept', async () => {
  for (let from = 0; from <= text.length; from++)
    for (let to = from; to <= text.length; to++) {
      const bytes = verifiedBytes(pieces(text), { checksum: sha256Of(text), from, to });
      expect(await new Response(bytes).text()).toBe(text.slice(from, to));
    }
});

test('a file that was changed breaks off before the last of what was asked for, wherever it was changed', async () => {
  for (const [from, to] of [
    [0, 10],
    [0, 1],
    [8, 9],
  ] as const) {
    let seen = 0;
    const bytes = verifiedBytes(pieces('abcdefghiX'), { checksum: sha256Of(text), from, to });
    const reading = (async () => {
      for await (const chunk of bytes) seen += chunk.length;
    })();
    await expect(reading).rejects.toThrow('their checksum differs');
    expect(seen).toBeLessThan(to - from);
  }
});
