import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
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
  /** Adds to the file of this process. Throws when the disk is full; what has been written by then is no harm. */
  write(backlog: Backlog): void;
  /** Removes the file of this process, once all has been delivered. */
  clear(): void;
  /** Reads what earlier processes have left. A line that a crash cut off is left out. */
  readLeftovers(): Backlog;
  removeLeftovers(): void;
}

const SUFFIX = '.spool.jsonl';

export function openSpool(directory: string, instance: string): Spool {
  /* Lines that a full disk has cut off must not spoil the next one. */
  let isCut = false;
  const own = join(directory, `${instance}${SUFFIX}`);
  const others = (): readonly string[] =>
    (existsSync(directory) ? readdirSync(directory) : [])
      .filter((name) => name.endsWith(SUFFIX) && name !== `${instance}${SUFFIX}`)
      .map((name) => join(directory, name));
  return {
    write: (backlog) => {
      if (backlog.chunks.length + backlog.settlements.length === 0) return;
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const before = isCut;
      isCut = true;
      const file = openSync(own, 'a', 0o600);
      try {
        if (before) writeAll(file, '\n');
        for (const line of linesOf(backlog)) writeAll(file, line);
      } finally {
        closeSync(file);
      }
      isCut = false;
    },
    clear: () => {
      removeIfPossible(own);
    },
    readLeftovers: () => {
      const lines = others().flatMap(readLines);
      return {
        chunks: lines.flatMap(({ chunk }) => (chunk ? [{ ...chunk, data: Buffer.from(chunk.data, 'base64') }] : [])),
        settlements: lines.flatMap(({ settlement }) => settlement ?? []),
      };
    },
    removeLeftovers: () => {
      for (const file of others()) removeIfPossible(file);
    },
  };
}

/** What cannot be removed is delivered once more by the next process, which changes nothing. */
function removeIfPossible(file: string): void {
  try {
    if (existsSync(file)) rmSync(file, { force: true });
  } catch {
    return;
  }
}

/** One line at a time: together they would be more than what waits in memory. */
function* linesOf({ chunks, settlements }: Backlog): Generator<string> {
  for (const chunk of chunks)
    yield `${JSON.stringify({ chunk: { ...chunk, data: Buffer.from(chunk.data).toString('base64') } })}\n`;
  for (const settlement of settlements) yield `${JSON.stringify({ settlement })}\n`;
}

function writeAll(file: number, line: string): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
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
