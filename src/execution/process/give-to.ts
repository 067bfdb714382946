import { existsSync, lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives a directory and all that is in it to a user. Nobody else may have been able to write to it: it comes last, so that
 * the new owner finds nothing to exchange meanwhile.
 */
export function giveTo(user: { readonly uid: number; readonly gid: number }, directory: string): void {
  for (const entry of existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) giveTo(user, path);
    else lchownSync(path, user.uid, user.gid);
  }
  lchownSync(directory, user.uid, user.gid);
}
