import { existsSync } from 'node:fs';
import type { ClaimedAction, PackScript } from '#domain/claimed-execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
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
  const here = locateScript(packs.directory, script.packRef, script.entryPoint);
  const found = here.ok && here.value === undefined ? await fetchScript(script, packs, stop) : here;
  if (!found.ok) return found;
  return found.value
    ? success({ file: found.value.file, cwd: found.value.directory })
    : failure(describeMissingPack(script, packs));
}

function isFileOf({ packRef, entryPoint }: PackScript, { directory }: PackSettings): boolean {
  const located = locateScript(directory, packRef, entryPoint);
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
      `pack ${packRef} is not in ${packs.directory}, and it was registered without a checksum, so it cannot be fetched: register it again`,
    );
  const fetched = await packs.cache.get({ ref: packRef, checksum: packChecksum }, stop);
  return fetched.ok ? locateIn(fetched.value, packRef, entryPoint) : fetched;
}

function describeMissingPack({ packRef }: PackScript, { directory }: PackSettings): string {
  return `pack ${packRef} is not on this worker (looked in ${directory}): mount it there, or let the worker fetch it (ATTUNE_API_URL and ATTUNE_API_TOKEN, or ATTUNE_PACK_ARCHIVES)`;
}
