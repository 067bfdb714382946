import type { ChildStreams } from './running-process.ts';

/** The standard streams of a child that Bun has made: pairs of sockets, which no program can open by name. */
export function streamsViaSockets({ stdin, stdout, stderr }: Bun.Subprocess<'pipe', 'pipe', 'pipe'>): ChildStreams {
  return { stdout, stderr, writeInput: (bytes) => writeInput(stdin, bytes) };
}

async function writeInput(stdin: Bun.FileSink, bytes: Uint8Array): Promise<void> {
  try {
    await stdin.write(bytes);
    await stdin.end();
  } catch {
    /* the pipe is gone with its reader */
  }
}
