import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settlement } from '#domain/agent-store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';

/** The logs and settlements that wait for the database. */
export interface Backlog {
  readonly chunks: readonly LogChunk[];
  readonly settlements: readonly Settlement[];
}

/**
 * A spool in files that outlive the agent: what one process could not deliver, the next process with the same directory
 * delivers.
 */
export interface Spool {
  /** Adds to the file of this process. Throws when the disk is full. */
  write(backlog: Backlog): void;
  /** Removes the file of this process, once all has been delivered. */
  clear(): void;
  /** Reads what earlier processes have left. A line that a crash cut off is left out. */
  readLeftovers(): Backlog;
  removeLeftovers(): void;
}

const SUFFIX = '.spool.jsonl';

export function openSpool(directory: string, instance: string): Spool {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = join(directory, `${instance}${SUFFIX}`);
  const others = (): readonly string[] =>
    readdirSync(directory)
      .filter((name) => name.endsWith(SUFFIX) && name !== `${instance}${SUFFIX}`)
      .map((name) => join(directory, name));
  return {
    write: ({ chunks, settlements }) => {
      const lines = [
        ...chunks.map((chunk) => ({ chunk: { ...chunk, data: Buffer.from(chunk.data).toString('base64') } })),
        ...settlements.map((settlement) => ({ settlement })),
      ];
      if (lines.length > 0)
        appendFileSync(own, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    },
    clear: () => {
      if (existsSync(own)) rmSync(own, { force: true });
    },
    readLeftovers: () => {
      const lines = others().flatMap(readLines);
      return {
        chunks: lines.flatMap(({ chunk }) => (chunk ? [{ ...chunk, data: Buffer.from(chunk.data, 'base64') }] : [])),
        settlements: lines.flatMap(({ settlement }) => settlement ?? []),
      };
    },
    removeLeftovers: () => {
      for (const file of others()) rmSync(file, { force: true });
    },
  };
}

interface Line {
  readonly chunk?: Omit<LogChunk, 'data'> & { readonly data: string };
  readonly settlement?: Settlement;
}

function readLines(file: string): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text) => {
      const line = parse(text);
      return line ? [line] : [];
    });
}

/** Our own lines, unless they were cut off or edited. */
function parse(text: string): Line | undefined {
  try {
    const { chunk, settlement } = JSON.parse(text);
    if (chunk && typeof chunk.data === 'string')
      return { chunk: { ...chunk, execution: executionId(chunk.execution) } };
    return settlement?.verdict && settlement.instance
      ? { settlement: { ...settlement, worker: workerId(settlement.worker) } }
      : undefined;
  } catch {
    return undefined;
  }
}
