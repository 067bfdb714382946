import { existsSync } from 'node:fs';

/** The first argument that makes this program try what a launcher shall do (src/static-linker/launch.c). */
export const LAUNCH = '_launch';

/** The first argument that makes this program a keeper (src/static-linker/keeper.c). */
export const KEEP = '_keep';

/** The first argument that makes this program the fork server (src/static-linker/fork-server.c). */
export const FORK_SERVER = '_fork_server';

/** The first argument that makes this program take a tree from the user who has filled it (src/static-linker/seal.c). */
export const SEAL = '_seal';

/** The text with which the error of a launcher's probe begins. */
const PREFIX = 'attune-launch: ';

/** The path of this program: the very file that runs, even when another has taken its name since. */
export function ownProgram(): string {
  return existsSync('/proc/self/exe') ? '/proc/self/exe' : process.execPath;
}

/** Reads from stderr why a probe of the launcher failed; undefined if it was not the launcher that wrote there. */
export function whatLauncherSaid(stderr: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(stderr.subarray(0, 4096)).trim();
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}
