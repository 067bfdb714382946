import { lstatSync, type Stats, statSync } from 'node:fs';

/** Who else may have written a file; undefined: nobody but this user and root. */
export function strangerOf({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): string | undefined {
  const own = process.getuid?.() ?? 0;
  if (uid !== own && uid !== 0) return `it belongs to the user ${uid}`;
  return (mode & 0o002) === 0 ? undefined : 'everybody may write to it';
}

/** The same of a path, of which a link may be another's as well as what it leads to. Undefined where there is nothing. */
export function strangerAt(path: string): string | undefined {
  const [entry, target] = [lstatSync, statSync].map((look) => look(path, { throwIfNoEntry: false }));
  if (entry === undefined) return undefined;
  return strangerOf(entry.isSymbolicLink() ? { uid: entry.uid, mode: 0 } : entry) ?? (target && strangerOf(target));
}
