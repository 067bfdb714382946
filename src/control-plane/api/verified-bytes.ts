import { createSha256 } from '#crypto/sha256.ts';

interface Wanted {
  readonly checksum: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Passes on the bytes from `from` to before `to` of a whole file. The last of them are held back until the whole file has
 * turned out to have the checksum; a file that was changed breaks off before its end.
 */
export function verifiedBytes(
  whole: ReadableStream<Uint8Array>,
  { checksum, from, to }: Wanted,
): ReadableStream<Uint8Array> {
  const hash = createSha256();
  let at = 0;
  let held: Uint8Array | undefined;
  const pass = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      hash.add(chunk);
      const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
      at += chunk.length;
      if (part.length === 0) return;
      if (held) controller.enqueue(held);
      held = part;
    },
    flush: (controller) => {
      if (hash.hex() !== checksum)
        throw new Error('the stored bytes are not those that were kept: their checksum differs');
      if (held) controller.enqueue(held);
    },
  });
  return whole.pipeThrough(pass);
}
