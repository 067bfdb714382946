import { chmodSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createSha256 } from '#crypto/sha256.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { takeTurns } from '#domain/turns.ts';
import { stampOf } from '#execution/process/file-stamp.ts';
import { removeTree } from '#execution/process/remove-tree.ts';
import { linkSettings } from './installer-caches.ts';

interface CacheOf {
  readonly root: string;
  /** The environment of the agent. */
  readonly env: ProcessEnv;
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

/** The caches of installers that this process has kept. */
export interface BuildCaches {
  /**
   * Opens the cache of the installers of a pack, which no other pack's build gets. It lies in the new environment while
   * they run: so builds at the same time do not share it.
   */
  open(cache: CacheOf): Promise<BuildCache>;
}

/**
 * Where installers are another user than the agent, only the agent may enter the caches before and after a build, and no
 * action reaches them. Else an action can write there: a cache is used again if it is as this process has kept it, and
 * starts anew if it is not, or if another process has kept it.
 */
export function createBuildCaches(): BuildCaches {
  /** The state of each cache when it was kept, by the path at which it is kept. */
  const states = new Map<string, string>();
  return {
    open: async (of) => {
      const { directory, user } = of;
      const kept = keptPlace(of);
      const path = join(directory, 'cache');
      /* What is in it is that user's, who comes to it only when the whole directory is given to that user. */
      if (user !== undefined) for (const one of [dirname(kept), directory]) chmodSync(one, 0o700);
      const isKept = isMoved(kept, path) && isDirectory(path);
      const isTrusted = isKept && (user !== undefined || states.get(kept) === (await stateOf(path)));
      if (!isTrusted) {
        await removeTree(path);
        mkdirSync(path, { mode: 0o700 });
      }
      linkSettings(of.env, path, user === undefined ? of.env['HOME'] : undefined);
      return {
        path,
        keep: async () => {
          states.delete(kept);
          const state = user === undefined && isDirectory(path) ? await stateOf(path) : undefined;
          if (!(isDirectory(path) && isMoved(path, kept))) await removeTree(path);
          else if (state !== undefined) states.set(kept, state);
        },
      };
    },
  };
}

function keptPlace({ root, packRef, user }: CacheOf): string {
  const all = join(root, '.cache');
  mkdirSync(all, { recursive: true });
  return join(all, user === undefined ? packRef : `${packRef}-${user.uid}`);
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
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

/**
 * The state of all that is in a directory, in few bytes: its names, and when each was last changed, which the kernel sets
 * at each change of bytes, names, owner or mode, and nobody else can. The directory itself changes when it is moved.
 */
async function stateOf(directory: string): Promise<string> {
  const turn = takeTurns();
  const hash = createSha256();
  for (const path of (await readdir(directory, { recursive: true })).toSorted()) {
    await turn();
    const stamp = stampOf(join(directory, path), { followsLinks: false });
    hash.add(`${JSON.stringify(path)} ${stamp?.ctimeMs}\n`);
  }
  return hash.hex();
}
