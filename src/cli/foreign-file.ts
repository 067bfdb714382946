import { lstatSync, type Stats, statSync } from 'node:fs';

/** Who else may have written a file; undefined: nobody but this user and root. */
export function strangerOf({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): string | undefined {
  const own = process.getuid?.() ?? 0;
  if (uid !== own && uid !== 0) return `it belongs to the user ${uid}`;
  return (mode & 0o002) === 0 ? undefined : 'everybody may write to it';
}

/**
 * Who else may have written the file at a path, or may have put a link there that leads to it; undefined: nobody but this
 * user and root, or nothing is there.
 */
export function strangerAt(path: string): string | undefined {
  const [entry, target] = [lstatSync, statSync].map((look) => look(path, { throwIfNoEntry: false }));
  if (entry === undefined) return undefined;
  return strangerOf(entry.isSymbolicLink() ? { uid: entry.uid, mode: 0 } : entry) ?? (target && strangerOf(target));
}
