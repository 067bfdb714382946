import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A SHA-256 of pieces that come one after the other. */
export interface Sha256 {
  add(piece: string | Uint8Array): void;
  /** The digest as hex digits; nothing can be added after it. */
  hex(): string;
}

export function createSha256(): Sha256 {
  const hash = createHash('sha256');
  return { add: (piece) => void hash.update(piece), hex: () => hash.digest('hex') };
}

/** The SHA-256 of a text in UTF-8, or of bytes, as hex digits. */
export function sha256Of(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * The SHA-256 of a file, as hex digits, without holding it in memory; others get their turns meanwhile, which they would
 * not while a stream of Bun reads a file. Rejects with the error of the file system.
 */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createSha256();
  for await (const chunk of createReadStream(path, { highWaterMark: READ_AT_ONCE })) hash.add(chunk as Uint8Array);
  return hash.hex();
}

const READ_AT_ONCE = 256 * 1024;
