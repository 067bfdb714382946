import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClaimedAction, PackScript } from '#domain/claimed-execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { createFileMemory } from '#execution/process/file-memory.ts';
import type { ScriptSource } from '#execution/script/open-script.ts';
import { type LocatedScript, locateIn, locateScript } from '#packs/locate-script.ts';
import type { PackSettings } from './execution-settings.ts';

/** Whoever sent it: the worker has the last word about what it runs. */
const NO_INLINE =
  'this worker runs actions of packs alone (worker.inline is false), and no code that comes with a request';

/** Finds the script of an action: its code, or a file of a pack, which is fetched where it is not on this machine. */
export async function findScript(
  { script }: ClaimedAction,
  packs: PackSettings,
  stop: AbortSignal,
): Promise<Result<ScriptSource, string>> {
  const ofCode = (code: { readonly code: string }): Result<ScriptSource, string> =>
    packs.takesInline ? success(code) : failure(NO_INLINE);
  if ('code' in script) return ofCode(script);
  const { orCode: code } = script;
  if (code !== undefined && !isFileOf(script, packs)) return ofCode({ code });
  const here = locateHere(script, packs);
  const found = here.ok && here.value === undefined ? await fetchScript(script, packs, stop) : here;
  if (!found.ok) return found;
  return found.value
    ? success({ file: found.value.file, cwd: found.value.directory })
    : failure(describeMissingPack(script, packs));
}

/** Finds a script in the directories of packs; undefined if none of them has its pack. */
function locateHere(
  { packRef, entryPoint }: PackScript,
  { directories }: PackSettings,
): Result<LocatedScript | undefined, string> {
  for (const directory of directories) {
    const named = join(directory, packRef);
    const located = locatedMemory.recall(
      [directory, packRef, entryPoint].join('\0'),
      [named, join(named, 'actions', entryPoint)],
      () => locateScript(directory, packRef, entryPoint),
    );
    if (!located.ok || located.value !== undefined) return located;
  }
  return success(undefined);
}

/* By the names as they are asked for, which lead elsewhere when a link of a pack does. */
const locatedMemory = createFileMemory<Result<LocatedScript | undefined, string>>();

function isFileOf(script: PackScript, packs: PackSettings): boolean {
  const located = locateHere(script, packs);
  return located.ok && located.value !== undefined && existsSync(located.value.file);
}

async function fetchScript(
  { packRef, packChecksum, entryPoint }: PackScript,
  packs: PackSettings,
  stop: AbortSignal,
): Promise<Result<LocatedScript | undefined, string>> {
  if (!packs.cache) return success(undefined);
  if (packChecksum === undefined)
    return failure(
      `pack ${packRef} is not in ${packs.directories.join(' or ')}, and it was registered without a checksum, so it cannot be fetched: register it again`,
    );
  const fetched = await packs.cache.get({ ref: packRef, checksum: packChecksum }, stop);
  return fetched.ok ? locateIn(fetched.value, packRef, entryPoint) : fetched;
}

function describeMissingPack({ packRef }: PackScript, { directories }: PackSettings): string {
  return `pack ${packRef} is not on this worker (looked in ${directories.join(' and ')}): mount it there, or let the worker fetch it (ATTUNE_API_URL and ATTUNE_API_TOKEN, or ATTUNE_PACK_ARCHIVES)`;
}
