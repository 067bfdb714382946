import { basename, join } from 'node:path';
import { createSha256 } from '#crypto/sha256.ts';
import type { StoredFile } from '#domain/artifact.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { fileErrorOf, messageOf } from '#domain/errors.ts';
import type { ExecutionResult, LogSink } from '#domain/execution.ts';
import type { OpenDirectory } from '#domain/open-directory.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { takeTurns } from '#domain/turns.ts';
import { say } from '#execution/environments/say.ts';
import { openDirectory } from '#execution/process/open-directory.ts';
import type { ArtifactSettings } from './execution-settings.ts';
import type { Places } from './places.ts';

export interface KeptArtifacts {
  readonly files: readonly StoredFile[];
  /** The sentences that name each file that was left and is not kept, and why. */
  readonly problems: readonly string[];
}

export const nothingKept: KeptArtifacts = { files: [], problems: [] };

export interface KeepDependencies extends ArtifactSettings {
  readonly places: Pick<Places, 'retry'>;
  /** Ends the wait for room: what has not been stored then is lost, and the result says so. */
  readonly stop: AbortSignal;
  /** Gets one line for each file that was not kept. */
  readonly sink: LogSink;
}

/** More of them say nothing new. */
const MOST_PROBLEMS = 20;

/** A tree that is deeper holds an open directory for each level. */
const MOST_LEVELS = 64;

/**
 * Stores what an execution has left in its directory, within the limits. Its processes must have ended. What belongs to
 * another user than `owner` is not the execution's to give. While the storage cannot be reached, or has no room, it
 * waits. Rejects only when the sink does.
 */
export async function keepArtifacts(
  { directory, owner }: { readonly directory: string; readonly owner: number | undefined },
  { execution, attempt }: Pick<ClaimedExecution, 'execution' | 'attempt'>,
  deps: KeepDependencies,
): Promise<KeptArtifacts> {
  const files: StoredFile[] = [];
  const problems: string[] = [];
  const turn = takeTurns();
  try {
    using root = openDirectory(directory);
    const most = deps.limits.files + MOST_PROBLEMS;
    for (const found of filesIn(root, { below: '', level: 1, most })) {
      await turn();
      const kept = found.ok ? await keep(found.value, { execution, attempt, owner, before: files }, deps) : found;
      if (kept.ok) files.push(kept.value);
      else problems.push(kept.error);
      if (problems.length === MOST_PROBLEMS) break;
    }
  } catch (error) {
    problems.push(`artifacts cannot be listed: ${fileErrorOf(error)}`); /* the directory is the action's own */
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

interface FoundFile {
  /** Below the directory of artifacts. */
  readonly name: string;
  readonly parent: OpenDirectory;
}

interface KeepContext extends Pick<ClaimedExecution, 'execution' | 'attempt'> {
  readonly owner: number | undefined;
  readonly before: readonly StoredFile[];
}

/** Stores one file. Its checksum is that of the very bytes that were stored. */
async function keep(
  { name, parent }: FoundFile,
  { execution, attempt, owner, before }: KeepContext,
  { storage, limits, places, stop }: KeepDependencies,
): Promise<Result<StoredFile, string>> {
  const refuse = (why: string): Result<never, string> => failure(`artifact ${name} was not stored: ${why}`);
  if (!storage) return refuse('no place for artifacts is configured (artifacts.directory)');
  try {
    using file = parent.openFile(basename(name));
    if (owner !== undefined && file.owner !== owner) return refuse('it belongs to another user');
    const bytes = before.reduce((sum, one) => sum + one.bytes, file.bytes);
    if (before.length >= limits.files) return refuse(`${limits.files} files are kept (artifacts.max_files)`);
    if (bytes > limits.bytes) return refuse(`${limits.bytes} bytes are kept (artifacts.max_bytes)`);
    const path = `${execution}/${attempt}/${name}`;
    const store = async (): Promise<Pick<StoredFile, 'bytes' | 'checksum'>> => {
      const counted = countAndHash();
      await storage.put(path, file.read().pipeThrough(counted.stream));
      return counted.total();
    };
    return success({ name, path, ...(await places.retry(store, { place: 'artifacts', bytes: file.bytes, stop })) });
  } catch (error) {
    return refuse(messageOf(error));
  }
}

function countAndHash(): {
  readonly stream: TransformStream<Uint8Array, Uint8Array>;
  total(): Pick<StoredFile, 'bytes' | 'checksum'>;
} {
  const hash = createSha256();
  let bytes = 0;
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      hash.add(chunk);
      bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { stream, total: () => ({ bytes, checksum: hash.hex() }) };
}

interface Walk {
  readonly below: string;
  readonly level: number;
  /** Entries of one directory that are looked at. */
  readonly most: number;
}

/** Regular files, by their names; links are left alone, wherever they lead. Errors name a directory that cannot be read. */
function* filesIn(directory: OpenDirectory, { below, level, most }: Walk): Generator<Result<FoundFile, string>> {
  for (const { name: entry, kind } of directory.list(most)) {
    const name = join(below, entry);
    if (kind === 'file') yield success({ name, parent: directory });
    if (kind !== 'directory') continue;
    if (level === MOST_LEVELS) {
      yield failure(`artifacts in ${name} were not stored: ${MOST_LEVELS} directories in each other are looked into`);
      continue;
    }
    const inner = entered(directory, entry);
    if (!inner.ok) {
      yield failure(`artifacts in ${name} were not stored: ${inner.error}`);
      continue;
    }
    using opened = inner.value;
    yield* filesIn(opened, { below: name, level: level + 1, most });
  }
}

function entered(directory: OpenDirectory, name: string): Result<OpenDirectory, string> {
  try {
    return success(directory.openDirectory(name));
  } catch (error) {
    return failure(messageOf(error));
  }
}
