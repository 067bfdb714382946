import { existsSync } from 'node:fs';

/** The first argument that makes this program the launcher (src/static-linker/launch.c). */
export const LAUNCH = '_launch';

/** How the error of a probe begins. */
const PREFIX = 'attune-launch: ';

/** This program: the very file that runs, even when another has taken its name since. */
export function ownProgram(): string {
  return existsSync('/proc/self/exe') ? '/proc/self/exe' : process.execPath;
}

/** The error of a probe, from its stderr; undefined: the launcher did not get so far. */
export function whatLauncherSaid(stderr: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(stderr.subarray(0, 4096)).trim();
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}
