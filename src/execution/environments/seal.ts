import { failure, type Result, success } from '#domain/result.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { ownProgram, SEAL, whatLauncherSaid } from '#execution/process/launcher.ts';

/**
 * Takes a tree from the user who has filled it, so that executions can read it and not change it: it belongs to the
 * agent, or, where that is the same user, nobody may write to it (src/static-linker/seal.c). A program run from source
 * leaves it as it is. The error says what could not be taken.
 */
export async function seal(directory: string, uid: number): Promise<Result<undefined, string>> {
  if (!IS_STATIC_FILE) return success(undefined);
  const child = Bun.spawn([ownProgram(), SEAL, String(uid), directory], {
    env: {},
    cwd: '/',
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const [exitCode, stderr] = await Promise.all([child.exited, new Response(child.stderr).bytes()]);
  if (exitCode === 0) return success(undefined);
  return failure(`what was installed cannot be made read-only: ${whatLauncherSaid(stderr) ?? `exit code ${exitCode}`}`);
}
