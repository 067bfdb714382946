import { styleText } from 'node:util';
import { codeOf } from '#domain/errors.ts';

/** stdout was closed by its reader (`| head`). */
export class BrokenPipe extends Error {}

/** stdout or stderr cannot be written for another reason, such as a full disk. */
export class OutputFailed extends Error {}

type Style = Parameters<typeof styleText>[0];

/** Writes all of it, waiting while the reader is slow. Rejects with BrokenPipe when nobody reads, else OutputFailed. */
export async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(data, (error) => {
      if (!error) return resolve();
      const isBroken = codeOf(error) === 'EPIPE';
      reject(isBroken ? new BrokenPipe() : new OutputFailed(error.message, { cause: error }));
    });
  });
}

/** Leaves failures of stdout and stderr to `write`: as unheard events they would end the process. */
export function listenForOutputErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Colours only where they are seen: on a terminal, and not with NO_COLOR. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return styleText(style, text, { stream });
}

/** A line on stderr that says what is going on, while it goes on; only on a terminal. */
export async function withProgress<T>(message: string, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return await work;
  const timer = setTimeout(() => process.stderr.write(`${message}…`), 300);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    process.stderr.write('\r\x1b[K');
  }
}

/** Lines of left-aligned columns, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
