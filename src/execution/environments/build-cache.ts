import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '#execution/process/remove-tree.ts';

interface CacheOf {
  readonly root: string;
  readonly packRef: string;
  /** The directory of the environment that is built. */
  readonly directory: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** The cache of the installers of one pack. */
interface BuildCache {
  readonly path: string;
  /** Keeps it for the next build. The installers must have ended. */
  keep(): Promise<void>;
}

/**
 * Opens the cache of the installers of a pack, which no other pack's build gets. Where installers are another user than
 * the agent, it lies in the new environment while they run, and where only the agent may enter before and after: so no
 * action reaches it.
 */
export function openBuildCache({ root, packRef, directory, user }: CacheOf): BuildCache {
  const all = join(root, '.cache');
  mkdirSync(all, { recursive: true });
  const kept = join(all, user === undefined ? packRef : `${packRef}-${user.uid}`);
  if (user === undefined) {
    mkdirSync(kept, { recursive: true });
    return { path: kept, keep: async () => {} };
  }
  chmodSync(all, 0o700);
  const path = join(directory, 'cache');
  if (!isMoved(kept, path)) {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, user.uid, user.gid);
  }
  return {
    path,
    keep: async () => {
      const isThere = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (!(isThere && isMoved(path, kept))) await removeTree(path);
    },
  };
}

/** False: there is nothing to move, or another build of the pack has been faster. */
function isMoved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
