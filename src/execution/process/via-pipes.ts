import { closeSync, writeSync } from 'node:fs';
import { codeOf } from '#domain/errors.ts';
import type { PipeEnds } from '#execution/native/native.ts';
import type { ChildStreams } from './running-process.ts';

/** The agent's ends of the pipes that are the standard streams of a child. `close` gives back what has been read. */
export function streamsViaPipes({ stdin, stdout, stderr }: PipeEnds['agent']): ChildStreams & { close(): void } {
  return {
    stdout: Bun.file(stdout).stream(),
    stderr: Bun.file(stderr).stream(),
    writeInput: (bytes) => writeInput(stdin, bytes),
    close: () => {
      closeSync(stdout);
      closeSync(stderr);
    },
  };
}

/** Writes the input of a child: what fits into the pipe goes at once, and the rest waits for the reader. */
async function writeInput(stdin: number, bytes: Uint8Array): Promise<void> {
  try {
    const written = writeNow(stdin, bytes);
    if (written === bytes.length) return;
    const sink = Bun.file(stdin).writer();
    await sink.write(bytes.subarray(written));
    await sink.end();
  } catch {
    /* the pipe is gone with its reader */
  } finally {
    closeSync(stdin);
  }
}

/** Writes what the pipe takes now, and returns the number of bytes that it has taken. */
function writeNow(pipe: number, bytes: Uint8Array): number {
  try {
    return bytes.length === 0 ? 0 : writeSync(pipe, bytes);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return 0;
    throw error;
  }
}
