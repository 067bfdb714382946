import type { StreamName } from '#domain/execution.ts';
import type { LogEvent } from '#wire/log-events.ts';

export interface LogLine {
  readonly stream: StreamName;
  /** Colours that earlier lines left on, and the text. */
  readonly text: string;
}

/** Older lines go: nobody scrolls through more, and the browser stays quick. */
const MOST_LINES = 200_000;
const MOST_CHARACTERS = 5000;
/** "Select graphic rendition": what sets colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const SGR = /\u001b\[[\d;]*m/g;

interface Open {
  readonly decoder: TextDecoder;
  /** The line that has not ended yet. */
  rest: string;
  /** The place of the line among the lines; undefined as long as it has none. */
  at: number | undefined;
  colours: string;
}

/** The lines of a log, which are made of the chunks of two streams in the order of their coming. */
export class LogLines {
  #lines: LogLine[] = [];
  #dropped = 0;
  readonly #open: Readonly<Record<LogEvent['stream'], Open>> = { stdout: newOpen(), stderr: newOpen() };

  get count(): number {
    return this.#lines.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  at(index: number): LogLine | undefined {
    return this.#lines[index];
  }

  add({ stream, data }: LogEvent): void {
    const open = this.#open[stream];
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const parts = `${open.rest}${open.decoder.decode(bytes, { stream: true })}`.split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) this.#put(stream, part, true);
    open.rest = rest;
    if (rest !== '') this.#put(stream, rest, false);
    if (this.#lines.length > MOST_LINES) this.#drop();
  }

  #put(stream: LogEvent['stream'], text: string, isEnded: boolean): void {
    const open = this.#open[stream];
    /* A carriage return writes over what stood in the line: progress bars. */
    const visible = text.replace(/\r$/, '').split('\r').at(-1) ?? '';
    const cut = visible.length > MOST_CHARACTERS ? `${visible.slice(0, MOST_CHARACTERS)} …` : visible;
    const line = { stream, text: open.colours + cut };
    if (open.at === undefined) open.at = this.#lines.push(line) - 1;
    else this.#lines[open.at] = line;
    if (!isEnded) return;
    open.at = undefined;
    open.colours = coloursAfter(open.colours + text);
  }

  #drop(): void {
    const surplus = this.#lines.length - MOST_LINES / 2;
    this.#lines = this.#lines.slice(surplus);
    this.#dropped += surplus;
    for (const open of Object.values(this.#open))
      if (open.at !== undefined) open.at = open.at < surplus ? undefined : open.at - surplus;
  }
}

function newOpen(): Open {
  return { decoder: new TextDecoder(), rest: '', at: undefined, colours: '' };
}

function coloursAfter(text: string): string {
  const codes = text.match(SGR) ?? [];
  const reset = codes.findLastIndex((code) => /\[0*m$/.test(code));
  return codes.slice(reset + 1).join('');
}
