import { failure, type Result, success } from '#domain/result.ts';

/** The place of a node in a text: its line and column, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A problem of a text from outside, in a sentence. */
export interface TextProblem {
  readonly message: string;
  /** The place of the problem; undefined if it is of the whole text. */
  readonly place?: Place | undefined;
}

/** Decodes a file that people have written, without its byte order mark. Refuses what is not UTF-8, and names the line. */
export function decodeText(bytes: Uint8Array): Result<string, TextProblem> {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return failure({ message: 'the text is UTF-16: save it as UTF-8' });
  if (bytes.includes(0)) return failure({ message: 'the text has zero bytes, as UTF-16 has: save it as UTF-8' });
  try {
    return success(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    const valid = new TextDecoder('utf-8').decode(bytes).indexOf('\ufffd');
    const line = new TextDecoder('utf-8').decode(bytes).slice(0, valid).split('\n').length;
    return failure({ message: 'this line is not UTF-8: save it as UTF-8', place: { line, column: 1 } });
  }
}

/** The place of the first CR without an LF behind it; undefined if there is none. */
export function bareReturnOf(text: string): Place | undefined {
  const at = text.search(/\r(?!\n)/);
  if (at < 0) return undefined;
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
