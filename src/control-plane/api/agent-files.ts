import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { sha256OfFile } from '#crypto/sha256.ts';

export const ARCHITECTURES = ['x86_64', 'aarch64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];
export type Encoding = 'zstd' | 'gzip';

export interface AgentFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
}

/** The agents that a server hands out. */
export interface AgentFiles {
  /** Finds the agent for an architecture; undefined if there is none. */
  find(architecture: Architecture): Promise<AgentFile | undefined>;
  /** The signature that lies beside the file, as cosign writes it; undefined: the file is not signed. */
  signature(file: AgentFile): Promise<string | undefined>;
  /** The signed statement of name, processor, version and checksum that lies beside the file. */
  statement(file: AgentFile): Promise<string | undefined>;
  /** Compressed once, then kept. */
  compressed(file: AgentFile, encoding: Encoding): Promise<AgentFile>;
  /** False if neither a directory was configured nor this program is an agent itself. */
  readonly isConfigured: boolean;
}

export interface AgentFileSources {
  /** Holds attune-agent-x86_64 and attune-agent-aarch64. */
  readonly directory: string | undefined;
  /** This program, where it is the static file. */
  readonly self: { readonly path: string; readonly architecture: Architecture } | undefined;
  readonly cacheDirectory: string;
}

export function openAgentFiles({ directory, self, cacheDirectory }: AgentFileSources): AgentFiles {
  const digests = new Map<string, Promise<string>>();
  const compressions = new Map<string, Promise<AgentFile>>();
  const describe = async (path: string): Promise<AgentFile | undefined> => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const identity = `${path} ${stat.size} ${stat.mtimeMs}`;
    const digest = digests.get(identity) ?? sha256OfFile(path);
    digests.set(identity, digest);
    return { path, bytes: stat.size, sha256: await digest };
  };
  return {
    isConfigured: directory !== undefined || self !== undefined,
    find: async (architecture) => {
      const placed =
        directory === undefined ? undefined : await describe(join(directory, `attune-agent-${architecture}`));
      return placed ?? (self?.architecture === architecture ? await describe(self.path) : undefined);
    },
    signature: async ({ path }) => await textOf(`${path}.sig`),
    statement: async ({ path }) => await textOf(`${path}.signed`),
    compressed: async (file, encoding) => {
      const to = join(cacheDirectory, `attune-agent-${file.sha256}.${encoding}`);
      const making = compressions.get(to) ?? compress(file.path, to, encoding);
      compressions.set(to, making);
      making.catch(() => compressions.delete(to)); /* a full disk may be emptied */
      return { ...(await making), sha256: file.sha256 };
    },
  };
}

async function textOf(path: string): Promise<string | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) ? await file.text() : undefined;
}

async function compress(from: string, to: string, encoding: Encoding): Promise<AgentFile> {
  const kept = statSync(to, { throwIfNoEntry: false });
  if (kept) return { path: to, bytes: kept.size, sha256: '' };
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const unfinished = `${to}.${process.pid}`;
  try {
    const compressor =
      encoding === 'gzip'
        ? createGzip({ level: 6 })
        : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 9 } });
    await pipeline(createReadStream(from), compressor, createWriteStream(unfinished));
    renameSync(unfinished, to);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return { path: to, bytes: statSync(to).size, sha256: '' };
}
