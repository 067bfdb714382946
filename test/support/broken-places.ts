/** Directories of a running process that break and are mended: file systems of its own mount namespace. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './call.ts';

/** A directory as a process with mounts of its own sees it. */
interface BreakablePlace {
  /** Its path, from outside. */
  readonly outside: string;
  break(): void;
  mend(): void;
}

/** Breaks and mends a directory on a file system of its own, whose mount point is `mount`, in the mounts of a process. */
export type MakeBreakable = (pid: number, at: { readonly mount: string; readonly directory: string }) => BreakablePlace;

/** Writes a file until nothing more fits. */
export function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const block of [65_536, 4096, 1]) writeAll(file, Buffer.alloc(block));
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch {
    /* full */
  }
}

/** Makes empty files until there is no inode left. */
function useUpInodes(directory: string): void {
  try {
    for (let n = 0; ; n++) writeFileSync(join(directory, `filler-${n}`), '');
  } catch {
    /* none left */
  }
}

function removeFillers(directory: string): void {
  for (const name of readdirSync(directory)) if (name.startsWith('filler')) rmSync(join(directory, name));
}

function inMountsOf(pid: number, command: readonly string[]): void {
  const ran = call(['nsenter', '-t', String(pid), '-m', ...command]);
  if (ran.exitCode !== 0) throw new Error(`${command.join(' ')}: ${ran.stderr}`);
}

const outsideOf = (pid: number, path: string): string => `/proc/${pid}/root${path}`;

/** The ways in which a place breaks, by the word for it. */
export const breakages: Readonly<Record<string, MakeBreakable>> = {
  full: (pid, { directory }) => {
    const outside = outsideOf(pid, directory);
    return { outside, break: () => fill(join(outside, 'filler')), mend: () => removeFillers(outside) };
  },
  inodes: (pid, { directory }) => {
    const outside = outsideOf(pid, directory);
    return { outside, break: () => useUpInodes(outside), mend: () => removeFillers(outside) };
  },
  'read-only': (pid, { mount, directory }) => ({
    outside: outsideOf(pid, directory),
    break: () => inMountsOf(pid, ['mount', '-o', 'remount,ro', mount]),
    mend: () => inMountsOf(pid, ['mount', '-o', 'remount,rw', mount]),
  }),
  missing: (pid, { directory }) => {
    const outside = outsideOf(pid, directory);
    return {
      outside,
      break: () => rmSync(outside, { recursive: true }),
      mend: () => void mkdirSync(outside),
    };
  },
};
