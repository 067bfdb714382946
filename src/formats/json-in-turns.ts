import { endOfString, nestingAt, nextMark, QUOTE } from '#domain/json-marks.ts';
import { takeTurns } from '#domain/turns.ts';
import { parseStoredJson } from './json.ts';

/** Characters of JSON that are read at once. */
const PIECE = 32 * 1024;

type Turn = () => Promise<void> | undefined;

/**
 * Reads JSON that has been accepted before, as `parseStoredJson` does, piece by piece, so that others get their turns
 * however large it is.
 */
export async function parseInTurns(text: string): Promise<unknown> {
  return text.length <= PIECE ? parseStoredJson(text) : await read(text.trim(), takeTurns());
}

async function read(text: string, turn: Turn): Promise<unknown> {
  if (text.length <= PIECE) return parseStoredJson(text);
  if (text[0] === '[') return await readList(text, turn);
  return text[0] === '{' ? await readObject(text, turn) : parseStoredJson(text);
}

async function readList(text: string, turn: Turn): Promise<unknown> {
  const list: unknown[] = [];
  for await (const { from, to, isLarge } of piecesOf(text, turn)) {
    if (isLarge) list.push(await read(text.slice(from, to).trim(), turn));
    else for (const one of parseStoredJson(`[${text.slice(from, to)}]`) as readonly unknown[]) list.push(one);
  }
  return list;
}

async function readObject(text: string, turn: Turn): Promise<unknown> {
  const object: Record<string, unknown> = {};
  for await (const { from, to, isLarge } of piecesOf(text, turn)) {
    if (!isLarge) define(object, Object.entries(parseStoredJson(`{${text.slice(from, to)}}`) as object));
    else {
      const start = text.indexOf('"', from);
      const behind = endOfString(text, start + 1) + 1;
      const name = JSON.parse(text.slice(start, behind)) as string;
      const value = await read(text.slice(text.indexOf(':', behind) + 1, to).trim(), turn);
      define(object, [[name, value]]);
    }
  }
  return object;
}

/** Members of any name, `__proto__` included. */
function define(object: object, members: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of members)
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

interface Piece {
  readonly from: number;
  readonly to: number;
  /** True for one member alone, which is large; others are several that are small. */
  readonly isLarge: boolean;
}

/** The members of a list or an object in pieces, without the brackets around them and the commas between pieces. */
async function* piecesOf(text: string, turn: Turn): AsyncGenerator<Piece> {
  let from = 1;
  for (let at = 1; at < text.length; ) {
    const end = await endOfMember(text, at, turn);
    if (end - at > PIECE) {
      if (at > from) yield { from, to: at - 1, isLarge: false };
      yield { from: at, to: end, isLarge: true };
      from = end + 1;
    } else if (end - from > PIECE || end >= text.length - 1) {
      if (text.slice(from, end).trim() !== '') yield { from, to: end, isLarge: false };
      from = end + 1;
    }
    at = end + 1;
    await turn();
  }
}

/** Index of the comma, or of the closing bracket of the whole, behind the member that begins at `from`. */
async function endOfMember(text: string, from: number, turn: Turn): Promise<number> {
  let depth = 0;
  let looked = from;
  for (let at = nextMark(text, from); at < text.length; at = nextMark(text, at + 1)) {
    if (text.charCodeAt(at) === QUOTE) at = endOfString(text, at + 1);
    else if (depth === 0 && nestingAt(text, at) <= 0) return at;
    else depth += nestingAt(text, at);
    if (at - looked < PIECE) continue;
    looked = at;
    await turn();
  }
  return text.length;
}
