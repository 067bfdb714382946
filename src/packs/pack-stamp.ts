import { type Stats, statSync } from 'node:fs';
import { createSha256 } from '#crypto/sha256.ts';
import { takeTurns } from '#domain/turns.ts';
import { packFilesOf } from './pack-files.ts';

/** A text that differs when a file has changed, by inodes and times, in the making. */
interface Stamp {
  add(path: string, stat: Stats): void;
  end(): string;
}

/** Begins a stamp of files, which may be added in any order. */
export function beginStamp(): Stamp {
  const lines: string[] = [];
  return {
    add: (path, { ino, size, mtimeMs, ctimeMs, mode }) =>
      void lines.push(`${path}\0${ino} ${size} ${mtimeMs} ${ctimeMs} ${mode}\n`),
    end: () => {
      const hash = createSha256();
      for (const line of lines.toSorted()) hash.add(line);
      return hash.hex();
    },
  };
}

/** A text that differs when a file of the pack in a directory has changed, by inodes and times. */
export async function stampOfFiles(directory: string): Promise<string> {
  const stamp = beginStamp();
  const turn = takeTurns();
  for (const path of packFilesOf(directory)) {
    stamp.add(path, statSync(path));
    await turn();
  }
  return stamp.end();
}
