import type { StreamName } from '#domain/execution.ts';
import type { LogEvent } from '#wire/log-events.ts';
import { lastingAfter } from './ansi.ts';

export interface LogLine {
  readonly stream: StreamName;
  readonly attempt: number;
  /** When the line began to come: ISO 8601. */
  readonly at: string;
  /** Colours and links that earlier lines left on, and the text. */
  readonly text: string;
  /** True of a line of this page, between two attempts. */
  readonly isSeparator?: boolean;
}

/** Lines that begin and end a group, as those of GitHub's runners do. */
export const GROUP = '::group::';
export const GROUP_END = '::endgroup::';

/** A group of lines by the numbers of its first and its last line; undefined: it goes on. The first line of a log is 1. */
export interface Group {
  readonly first: number;
  last: number | undefined;
}

/** Older lines go: a browser's elements may not be higher than so many lines, and its memory has an end. */
const MOST_LINES = 1_000_000;

interface Open {
  readonly decoder: TextDecoder;
  /** The line that has not ended yet. */
  rest: string;
  /** The place of the line among the lines; undefined as long as it has none. */
  at: number | undefined;
  lasting: string;
}

/** The lines of a log, which are made of the chunks of two streams in the order of their coming. */
export class LogLines {
  #lines: LogLine[] = [];
  #dropped = 0;
  #attempt = 0;
  #groups: Group[] = [];
  #open: Readonly<Record<LogEvent['stream'], Open>> = { stdout: newOpen(), stderr: newOpen() };

  get count(): number {
    return this.#lines.length;
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** So many lines from the first on have ended, and change no more. */
  get ended(): number {
    return Math.min(this.count, ...Object.values(this.#open).map(({ at }) => at ?? this.count));
  }

  at(index: number): LogLine | undefined {
    return this.#lines[index];
  }

  add(chunk: LogEvent): void {
    if (chunk.attempt !== this.#attempt) this.#begin(chunk);
    const open = this.#open[chunk.stream];
    const parts = `${open.rest}${open.decoder.decode(bytesOf(chunk.data), { stream: true })}`.split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) this.#put(chunk, part, true);
    open.rest = rest;
    if (rest !== '') this.#put(chunk, rest, false);
    if (this.#lines.length > MOST_LINES) this.#drop();
  }

  /** What an attempt left unfinished is not what the next one goes on with. */
  #begin({ attempt, at }: LogEvent): void {
    this.#open = { stdout: newOpen(), stderr: newOpen() };
    const text = `\u001b[1m── attempt ${attempt} ──\u001b[0m`;
    if (this.#attempt > 0) this.#lines.push({ stream: 'stdout', attempt, at, text, isSeparator: true });
    this.#endGroup(this.#lines.length - 1 + this.#dropped);
    this.#attempt = attempt;
  }

  #put({ stream, attempt, at }: LogEvent, text: string, isEnded: boolean): void {
    const open = this.#open[stream];
    const line = {
      stream,
      attempt,
      at,
      text: text.includes('\r') ? visibleOf(open.lasting, text) : open.lasting + text,
    };
    if (open.at === undefined) open.at = this.#lines.push(line) - 1;
    else this.#lines[open.at] = line;
    if (!isEnded) return;
    if (text.startsWith('::')) this.#noteGroup(text, open.at);
    open.at = undefined;
    if (open.lasting !== '' || text.includes('\u001b')) open.lasting = lastingAfter(open.lasting + text);
  }

  #noteGroup(text: string, place: number): void {
    const number = place + 1 + this.#dropped;
    /* A group within another one ends it: there is one level. */
    if (text.startsWith(GROUP)) {
      this.#endGroup(number - 1);
      this.#groups.push({ first: number, last: undefined });
    } else if (text.startsWith(GROUP_END)) this.#endGroup(number);
  }

  #endGroup(number: number): void {
    const group = this.#groups.at(-1);
    if (group) group.last ??= number;
  }

  #drop(): void {
    const surplus = this.#lines.length - MOST_LINES / 2;
    this.#lines = this.#lines.slice(surplus);
    this.#dropped += surplus;
    this.#groups = this.#groups.filter(({ last }) => last === undefined || last > this.#dropped);
    for (const open of Object.values(this.#open))
      if (open.at !== undefined) open.at = open.at < surplus ? undefined : open.at - surplus;
  }
}

function newOpen(): Open {
  return { decoder: new TextDecoder(), rest: '', at: undefined, lasting: '' };
}

/** What is seen of a line: a carriage return writes over what stood in it, as progress bars do. */
function visibleOf(lasting: string, text: string): string {
  const parts = text.replace(/\r+$/, '').split('\r');
  const visible = parts.pop() ?? '';
  return `${parts.length === 0 ? lasting : lastingAfter(lasting + parts.join(''))}${visible}`;
}

/** A loop, since a function that is called for each character takes longer than all else that becomes of a log. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = characters.charCodeAt(place);
  return bytes;
}
