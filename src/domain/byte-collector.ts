/** Bytes that are added one after the other, in memory that grows with them; what is outgrown is given back at once. */
export interface ByteCollector {
  add(bytes: Uint8Array): void;
  /** Returns all that was added, and takes no more. */
  take(): Uint8Array;
  readonly length: number;
}

const LEAST_CAPACITY = 1024;

export function createByteCollector(): ByteCollector {
  let held: Uint8Array<ArrayBuffer> = new Uint8Array();
  let length = 0;
  return {
    add: (bytes) => {
      const needed = length + bytes.length;
      if (needed > held.length)
        held = new Uint8Array(held.buffer.transfer(length === 0 ? needed : Math.max(LEAST_CAPACITY, 2 * needed)));
      held.set(bytes, length);
      length = needed;
    },
    take: () => new Uint8Array(held.buffer.transfer(length)),
    get length() {
      return length;
    },
  };
}
