import { readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256OfFile } from '#crypto/sha256.ts';
import type { StoredFile } from '#domain/artifact.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { messageOf } from '#domain/errors.ts';
import type { ExecutionResult, LogSink } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { say } from '#execution/environments/build.ts';
import type { ArtifactSettings } from './execution-settings.ts';

export interface KeptArtifacts {
  readonly files: readonly StoredFile[];
  /** The sentences that name each file that was left and is not kept, and why. */
  readonly problems: readonly string[];
}

export const nothingKept: KeptArtifacts = { files: [], problems: [] };

interface KeepDependencies extends ArtifactSettings {
  /** Gets one line for each file that was not kept. */
  readonly sink: LogSink;
}

/** More of them say nothing new. */
const MOST_PROBLEMS = 20;

/** Stores what an execution has left in its directory, within the limits. Rejects only when the sink does. */
export async function keepArtifacts(
  directory: string,
  { execution, attempt }: Pick<ClaimedExecution, 'execution' | 'attempt'>,
  deps: KeepDependencies,
): Promise<KeptArtifacts> {
  const files: StoredFile[] = [];
  const problems: string[] = [];
  try {
    for (const path of filesIn(directory)) {
      const name = relative(directory, path);
      const kept = await keep(path, { name, place: `${execution}/${attempt}/${name}`, before: files }, deps);
      if (kept.ok) files.push(kept.value);
      else problems.push(`artifact ${name} was not stored: ${kept.error}`);
      if (problems.length === MOST_PROBLEMS) break;
    }
  } catch (error) {
    problems.push(`artifacts cannot be listed: ${messageOf(error)}`); /* the directory is the action's own */
  }
  for (const problem of problems) await say(deps.sink, problem);
  return { files, problems };
}

/** Describes what an execution has left as members of its result. */
export function describeArtifacts({
  files,
  problems,
}: KeptArtifacts): Pick<ExecutionResult, 'artifacts' | 'artifact_errors'> {
  return {
    ...(files.length > 0 && { artifacts: files.map(({ name, bytes, checksum }) => ({ name, bytes, checksum })) }),
    ...(problems.length > 0 && { artifact_errors: problems }),
  };
}

interface ArtifactRequest {
  readonly name: string;
  /** The place of the artifact in the storage. */
  readonly place: string;
  readonly before: readonly StoredFile[];
}

async function keep(
  path: string,
  { name, place, before }: ArtifactRequest,
  { storage, limits }: ArtifactSettings,
): Promise<Result<StoredFile, string>> {
  if (!storage) return failure('no place for artifacts is configured (artifacts.directory)');
  try {
    const { size } = await lstat(path);
    const bytes = before.reduce((sum, one) => sum + one.bytes, size);
    if (before.length >= limits.files) return failure(`${limits.files} files are kept (artifacts.max_files)`);
    if (bytes > limits.bytes) return failure(`${limits.bytes} bytes are kept (artifacts.max_bytes)`);
    const checksum = await sha256OfFile(path);
    await storage.put(place, path);
    return success({ name, bytes: size, checksum, path: place });
  } catch (error) {
    return failure(messageOf(error));
  }
}

/** Regular files, by their names; links are left alone, wherever they lead. Throws when a directory cannot be read. */
function* filesIn(directory: string): Generator<string> {
  const entries = readdirSync(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}
