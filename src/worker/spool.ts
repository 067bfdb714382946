import { closeSync, constants, existsSync, mkdirSync, readFileSync, writeSync } from 'node:fs';
import type { Settlement } from '#domain/agent-store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { inSpoolDirectory, type SpoolDirectory } from './spool-directory.ts';

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

/** Opens the spool in a directory; its files belong to `user`. */
export function openSpool(directory: string, instance: string, user?: number): Spool {
  const place = { path: directory, user };
  /* Lines that a full disk has cut off must not spoil the next one. */
  let isCut = false;
  const own = `${instance}${SUFFIX}`;
  const withOthers = <T>(work: (name: string, opened: SpoolDirectory) => readonly T[]): readonly T[] => {
    if (!existsSync(directory)) return [];
    return inSpoolDirectory(place, (opened) =>
      opened
        .names()
        .filter((name) => name.endsWith(SUFFIX) && name !== own)
        .flatMap((name) => work(name, opened)),
    );
  };
  return {
    write: (backlog) => {
      if (backlog.chunks.length + backlog.settlements.length === 0) return;
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const before = isCut;
      isCut = true;
      const { O_WRONLY, O_APPEND, O_CREAT } = constants;
      const file = inSpoolDirectory(place, ({ open }) => open(own, O_WRONLY | O_APPEND | O_CREAT));
      try {
        if (before) writeAll(file, '\n');
        for (const line of linesOf(backlog)) writeAll(file, line);
      } finally {
        closeSync(file);
      }
      isCut = false;
    },
    clear: () => {
      if (existsSync(directory)) inSpoolDirectory(place, (opened) => removeIfPossible(own, opened));
    },
    readLeftovers: () => {
      const lines = withOthers(readLines);
      return {
        chunks: lines.flatMap(({ chunk }) => (chunk ? [{ ...chunk, data: Buffer.from(chunk.data, 'base64') }] : [])),
        settlements: lines.flatMap(({ settlement }) => settlement ?? []),
      };
    },
    removeLeftovers: () => {
      withOthers((name, opened) => {
        removeIfPossible(name, opened);
        return [];
      });
    },
  };
}

/** What cannot be removed is delivered once more by the next process, which changes nothing. */
function removeIfPossible(name: string, { remove }: SpoolDirectory): void {
  try {
    remove(name);
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

/** The lines of a file, none of one that the agent has not made. */
function readLines(name: string, { open }: SpoolDirectory): readonly Line[] {
  const text = readWhole(() => open(name, constants.O_RDONLY));
  return (text ?? '').split('\n').flatMap((one) => parse(one) ?? []);
}

function readWhole(open: () => number): string | undefined {
  let file: number | undefined;
  try {
    file = open();
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
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
