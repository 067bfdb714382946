import type { FileStamp } from '#execution/native/native.ts';
import { stampOf } from './file-stamp.ts';

/** Remembers what was found out about files, for as long as the kernel says that they are the same and have not changed. */
export interface FileMemory<Found> {
  /**
   * What `find` says, or has said before about the same files. A file that is absent, or that changed a moment ago, is
   * looked at each time. `find` must read nothing but these files and the names that are in these directories.
   */
  recall(question: string, files: readonly string[], find: () => Found): Found;
}

const MOST_ANSWERS = 1000;

/** A file system may count time in steps of up to 2 s: what changed longer ago has another time after the next change. */
const SETTLED_MS = 3000;

/** Remembers the answers to the last thousand questions. */
export function createFileMemory<Found>(settledMs = SETTLED_MS): FileMemory<Found> {
  const isSettled = (stat: FileStamp | undefined): boolean =>
    stat !== undefined && Math.abs(Date.now() - stat.ctimeMs) > settledMs;
  const answers = new Map<string, { readonly found: Found; readonly stamps: readonly string[] }>();
  return {
    recall: (question, files, find) => {
      const stats = files.map((file) => stampOf(file, { followsLinks: true }));
      const stamps = stats.map(describe);
      const known = answers.get(question);
      if (known?.stamps.every((stamp, n) => stamp === stamps[n])) return known.found;
      answers.delete(question);
      const found = find();
      if (!stats.every(isSettled)) return found;
      const [oldest] = answers.size === MOST_ANSWERS ? answers.keys() : [];
      if (oldest !== undefined) answers.delete(oldest);
      answers.set(question, { found, stamps });
      return found;
    },
  };
}

function describe(stat: FileStamp | undefined): string {
  return stat === undefined ? 'absent' : `${stat.dev} ${stat.ino} ${stat.ctimeMs} ${stat.size}`;
}
