import type { Config } from '#config/schema.ts';
import type { Result } from '#domain/result.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { createSandbox, type ExecutionUser, type Sandbox } from '#execution/sandbox/sandbox.ts';
import type { WorkPlace } from '#execution/script/work-place.ts';

/** The sandbox that the configuration asks for every execution. The error is a sentence for the user. */
export function sandboxOf({ worker, limits }: Config, { root }: WorkPlace): Result<Sandbox | undefined, string> {
  const options = {
    user: worker.execution_user === undefined ? undefined : userOf(worker.execution_user),
    group: { memoryBytes: limits.memory_bytes, cpus: limits.cpus, pids: limits.pids },
    openFiles: limits.open_files,
    fileBytes: limits.file_bytes,
    nice: limits.nice,
    hasNetwork: limits.network === 'allowed',
    mayWrite: limits.filesystem === 'writable',
  };
  return createSandbox(options, IS_STATIC_FILE ? process.execPath : undefined, root);
}

/** Reads a user like `1000` or `1000:1000`. */
function userOf(text: string): ExecutionUser {
  const [uid = '', gid = uid] = text.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
