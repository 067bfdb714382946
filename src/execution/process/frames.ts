const HEADER_BYTES = 5;

/** A frame as keepers read it: a letter, the length of what it carries, and that (src/static-linker/talk.c). */
export function frameOf(letter: string, carried: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + carried.length);
  frame.write(letter, 0, 'latin1');
  frame.writeUInt32LE(carried.length, 1);
  frame.set(carried, HEADER_BYTES);
  return frame;
}

/** Makes a function that takes bytes as they come, and hands on each frame in them; what it carries must be copied to be kept. */
export function createFrameReader(take: (letter: string, carried: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer | undefined;
  return (more) => {
    const bytes = rest ? Buffer.concat([rest, more]) : more;
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + bytes.readUInt32LE(at + 1);
      if (end > bytes.length) break;
      take(String.fromCharCode(bytes[at] ?? 0), bytes.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  };
}
