/** A segment of output: bytes, or a value that a line of the output has added to the secrets. */
export type Segment = { readonly bytes: Uint8Array } | { readonly added: string };

/** The beginning of a line of output that makes the rest of the line a secret. The line itself is not shown. */
const COMMAND = Buffer.from('::add-mask::');
const COMMAND_IN_OUTPUT = Buffer.from('\n::add-mask::');
/** A longer line is no value: it is dropped whole. */
const LONGEST_LINE = 16 * 1024;
const NEWLINE = 10;

interface State {
  /** The bytes that may become a line that adds a mask. */
  held: Uint8Array;
  isLineStart: boolean;
  /** True within a line that is too long. */
  isDropping: boolean;
}

/** Makes a reader of the output of one stream, chunk by chunk; `isOpen` means that more will come. */
export function createLineReader(): (bytes: Uint8Array, isOpen: boolean) => readonly Segment[] {
  const state: State = { held: new Uint8Array(), isLineStart: true, isDropping: false };
  return (bytes, isOpen) => {
    const whole =
      state.held.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([state.held, bytes]);
    state.held = new Uint8Array();
    const segments: Segment[] = [];
    let at: number | undefined = state.isDropping ? behindLine(state, whole) : 0;
    while (at !== undefined) {
      const start = nextCommand(whole, at, state.isLineStart);
      if (start === undefined) {
        showRest(state, whole.subarray(at), { isOpen, segments });
        break;
      }
      if (start > at) segments.push({ bytes: whole.subarray(at, start) });
      state.isLineStart = true;
      at = readCommand(state, whole, { start, isOpen, segments });
    }
    return segments;
  };
}

/** Finds the end of the line that is being dropped; undefined if it is not in these bytes. */
function behindLine(state: State, whole: Buffer): number | undefined {
  const end = whole.indexOf(NEWLINE);
  if (end < 0) return undefined;
  state.isDropping = false;
  return end + 1;
}

function nextCommand(whole: Buffer, at: number, isLineStart: boolean): number | undefined {
  if (isLineStart && COMMAND.equals(whole.subarray(at, at + COMMAND.length))) return at;
  const found = whole.indexOf(COMMAND_IN_OUTPUT, at);
  return found < 0 ? undefined : found + 1;
}

interface Reading {
  readonly isOpen: boolean;
  readonly segments: Segment[];
}

/** Reads a line that adds a mask, and returns where the next line begins; undefined if the end has not been seen. */
function readCommand(
  state: State,
  whole: Buffer,
  { start, isOpen, segments }: Reading & { readonly start: number },
): number | undefined {
  const newline = whole.indexOf(NEWLINE, start);
  if (newline < 0 && isOpen) {
    if (whole.length - start > LONGEST_LINE) state.isDropping = true;
    else state.held = new Uint8Array(whole.subarray(start));
    return undefined;
  }
  const end = newline < 0 ? whole.length : newline;
  if (end - start <= LONGEST_LINE) segments.push({ added: whole.toString('utf8', start + COMMAND.length, end).trim() });
  return end + 1;
}

function showRest(state: State, rest: Buffer, { isOpen, segments }: Reading): void {
  const shown = isOpen ? rest.subarray(0, rest.length - beginningOfCommand(rest, state.isLineStart)) : rest;
  state.held = new Uint8Array(rest.subarray(shown.length));
  if (shown.length === 0) return;
  segments.push({ bytes: shown });
  state.isLineStart = shown.at(-1) === NEWLINE;
}

/** Counts the last bytes that are a line that may become the command. */
function beginningOfCommand(rest: Buffer, isLineStart: boolean): number {
  const newline = rest.lastIndexOf(NEWLINE);
  if (newline < 0 && !isLineStart) return 0;
  const line = rest.subarray(newline + 1);
  return line.length < COMMAND.length && line.equals(COMMAND.subarray(0, line.length)) ? line.length : 0;
}
