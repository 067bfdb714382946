import type { Caller, SharedFiles } from '#adapters/store/postgres/connect.ts';
import { mayPass } from '#adapters/store/postgres/explain-error.ts';
import type { Settlement } from '#domain/agent-store.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { StreamName } from '#domain/execution.ts';
import { executionId } from '#domain/ids.ts';

/** Another transaction holds what is needed: a result does not wait until that has ended. */
const LOCKED = '55P03';

/** A version of an artifact that is a file. */
interface VersionRow {
  readonly version: string;
  readonly execution: string;
  /** The stream whose log it is; null: an action has left it. */
  readonly stream: StreamName | null;
  readonly path: string;
}

/**
 * Registers the logs of executions of Attune's Rust control plane as artifacts, and the sizes of all files that they
 * have left. Its services read files when the execution has ended, so this comes before. Called again, it changes
 * nothing. Returns why the database refuses it, which must not cost anybody a result; rejects for what may pass.
 */
export async function finishSharedFiles(
  caller: Pick<Caller, 'sql' | 'owner' | 'shared'>,
  settlements: readonly Settlement[],
): Promise<string | undefined> {
  try {
    await finishAll(caller, settlements);
    return undefined;
  } catch (error) {
    if (mayPass(error) && codeOf(error) !== LOCKED) throw error;
    return `its logs and files were not registered: ${messageOf(error)}`;
  }
}

async function finishAll(
  { sql, owner, shared }: Pick<Caller, 'sql' | 'owner' | 'shared'>,
  settlements: readonly Settlement[],
): Promise<void> {
  if (!shared || settlements.length === 0) return;
  const { policy, limit } = shared.retention;
  const logs = JSON.stringify(settlements.flatMap(logsOf));
  const versions = await sql<VersionRow[]>`
    SELECT version, execution, stream, path
    FROM agent_log_versions(${owner ?? null}, ${logs}::text::json, ${policy}, ${limit})`;
  if (versions.length === 0) return;
  const files = await Promise.all(
    versions.map(async (one) => ({ version: one.version, bytes: await finish(one, shared) })),
  );
  const sized = JSON.stringify(files.filter(({ bytes }) => bytes !== 'unknown'));
  await sql`SELECT agent_finish_versions(${owner ?? null}, ${sized}::text::json)`;
}

function logsOf({ execution, attempt, worker, instance, logs = [] }: Settlement): readonly object[] {
  const held = { execution, attempt, worker, instance };
  return [held, ...logs.map((stream) => ({ ...held, stream }))];
}

/** The bytes of a file, null if there are none. What cannot be read stays as its API has registered it. */
async function finish(
  { execution, stream, path }: VersionRow,
  { volume }: SharedFiles,
): Promise<number | null | 'unknown'> {
  try {
    if (stream !== null) await volume.publishLog({ execution: executionId(execution), stream }, path);
    return (await volume.sizeOf(path)) ?? null;
  } catch {
    return stream === null ? 'unknown' : null;
  }
}
