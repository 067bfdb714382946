import { stripVTControlCharacters, styleText } from 'node:util';
import { ageOf } from '#domain/duration-text.ts';
import { codeOf } from '#domain/errors.ts';
import { createPrintableStream, type PrintableStream, printableLine, printableWithColours } from './printable.ts';

/** The error that the reader of stdout has closed it, as in `| head`. */
export class BrokenPipe extends Error {}

/** The error that stdout or stderr cannot be written for another reason, such as a full disk. */
export class OutputFailed extends Error {}

type Style = Parameters<typeof styleText>[0];

/** The bytes that each terminal has got of a character or a sequence that is not complete. */
const shown = new WeakMap<NodeJS.WriteStream, PrintableStream>();

/** Whether the last text on the terminal has left its line unfinished. */
let isWithinLine = false;

/** The stream of which the last text was pieces of what an action prints; undefined: it was a text of this program. */
let printed: NodeJS.WriteStream | undefined;

/** The streams whose unfinished line was ended for what another stream had. */
const endedFor = new WeakSet<NodeJS.WriteStream>();

/** What has been written to a stream that is gathered. */
const gathered = new WeakMap<NodeJS.WriteStream, Uint8Array[]>();

/** Does some work, and returns what it writes to stdout instead of writing it. */
export async function gatherStdout<T>(work: () => Promise<T>): Promise<{ readonly done: T; readonly text: string }> {
  const chunks: Uint8Array[] = [];
  gathered.set(process.stdout, chunks);
  try {
    const done = await work();
    return { done, text: Buffer.concat(chunks).toString() };
  } finally {
    gathered.delete(process.stdout);
  }
}

/**
 * Writes all of the data, and waits while the reader is slow. On a terminal, whatever would steer it but colours is shown
 * as text; into a pipe or a file goes every byte. Rejects with BrokenPipe if nobody reads, and with OutputFailed for
 * other errors.
 */
export async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  await writeRaw(stream, stream.isTTY && !gathered.has(stream) ? forTerminal(stream, data) : data);
}

/** Pieces of bytes belong together; a text is whole, and ends what came before it. */
function forTerminal(stream: NodeJS.WriteStream, data: string | Uint8Array): string {
  const printing = shown.get(stream) ?? createPrintableStream();
  shown.set(stream, printing);
  if (typeof data !== 'string') return onOwnLine(stream, printing.take(data));
  printed = undefined;
  return printing.rest() + printableWithColours(data);
}

/**
 * Keeps what an action prints to one stream out of the unfinished line of the other: programs write the end of a line by
 * itself (Python's `print` to stderr), and what is read meanwhile of the other stream would stand within it.
 */
function onOwnLine(stream: NodeJS.WriteStream, text: string): string {
  const isEnded = endedFor.has(stream) && stripVTControlCharacters(text).startsWith('\n');
  const own = isEnded ? text.replace('\n', '') : text;
  const isColourOnly = stripVTControlCharacters(own) === '';
  if (isEnded || !isColourOnly) endedFor.delete(stream);
  if (isColourOnly) return own;
  const isAmid = printed !== undefined && printed !== stream && isWithinLine;
  if (printed && isAmid) endedFor.add(printed);
  printed = stream;
  return isAmid ? `\n${own}` : own;
}

/** Writes a text; on a terminal on a line of its own, whatever an action has left there. */
export async function writeOnNewLine(stream: NodeJS.WriteStream, text: string): Promise<void> {
  await write(stream, stream.isTTY && isWithinLine ? `\n${text}` : text);
}

/** Writes all of the data as it is, also to a terminal, which it may steer. */
export async function writeRaw(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  const chunks = gathered.get(stream);
  if (chunks) return void chunks.push(Buffer.from(data));
  if (stream.isTTY && data.length > 0) isWithinLine = Buffer.from(data).at(-1) !== 10;
  await new Promise<void>((resolve, reject) => {
    stream.write(data, (error) => {
      if (!error) return resolve();
      const isBroken = codeOf(error) === 'EPIPE';
      reject(isBroken ? new BrokenPipe() : new OutputFailed(error.message, { cause: error }));
    });
  });
}

/** Leaves failures of stdout and stderr to `write`. Without a listener, they would end the process. */
export function listenForOutputErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Colours text if the stream is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return styleText(style, text, { stream });
}

/** Shows a message on stderr while the work goes on, if stderr is a terminal that can erase it again. */
export async function withProgress<T>(message: string, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY || Bun.env['TERM'] === 'dumb') return await work;
  const timer = setTimeout(() => process.stderr.write(`${printableLine(message)}…`), 300);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    process.stderr.write('\r\x1b[K');
  }
}

/** Writes a time to the second as it is on this machine, with its distance from UTC: `2026-11-26 04:41:32 +01:00`. */
export function showTime(iso: string): string {
  const time = new Date(iso);
  const minutes = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${local} ${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

/** How long it is until a time, for a table. */
export function showWait(iso: string): string {
  return `in ${ageOf(Date.now(), Date.parse(iso))}`;
}

/** How long ago a time was, for a table. */
export function showAge(iso: string): string {
  return ageOf(Date.parse(iso), Date.now());
}

/** The width of a terminal, and of what is written elsewhere. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.columns || 80; /* a terminal that does not know its width says 0 */
}
