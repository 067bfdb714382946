/** The name under which this program is the launcher (src/static-linker/launch.c). */
export const LAUNCHER_NAME = 'attune-launch';

/** With which it says that the program was never run. */
export const LAUNCH_FAILED = 125;

/** Why the launcher ran nothing; undefined: it was not the launcher who spoke. */
export function whatLauncherSaid(stderr: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(stderr.subarray(0, 4096)).trim();
  return text.startsWith(`${LAUNCHER_NAME}: `) ? text.slice(LAUNCHER_NAME.length + 2) : undefined;
}
