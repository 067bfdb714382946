import { existsSync } from 'node:fs';

/** The first argument that makes this program the launcher (src/static-linker/launch.c). */
export const LAUNCH = '_launch';

/** With this it begins what it has to say on stderr. */
const SIGNATURE = 'attune-launch: ';

/** This program: the very file that runs, even when another has taken its name since. */
export function ownProgram(): string {
  return existsSync('/proc/self/exe') ? '/proc/self/exe' : process.execPath;
}

/** Why a probe of the launcher failed; undefined: it was not the launcher who spoke. */
export function whatLauncherSaid(stderr: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(stderr.subarray(0, 4096)).trim();
  return text.startsWith(SIGNATURE) ? text.slice(SIGNATURE.length) : undefined;
}
