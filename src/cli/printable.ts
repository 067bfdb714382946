const TAB_OR_LINE_END = /^[\t\n]$/;
/** An escape sequence that may be a colour, the end of a line of Windows, or a character that steers a terminal. */
const steering = /\p{Cc}\[[\d;:]{0,60}m|\r\n|\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu;
/** The beginning of what another piece may complete. */
const unfinished = /(?:\p{Cc}(?:\[[\d;:]{0,60})?|\r)$/u;
const ESCAPE = '\u001b';

/**
 * Characters that a terminal does not show, by which one name would look like another. Joiners and selectors behind
 * what is no ASCII are part of an emoji or a script.
 */
const unseen =
  /(?!\p{Join_Control})\p{Cf}|[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]|(?<=^|\p{ASCII})(?:\p{Join_Control}|\p{Variation_Selector})/gu;

/**
 * Shows every character that would steer a terminal, or that it would not show, as text, such as `\x1b`: for names and
 * messages of others.
 */
export function printable(text: string): string {
  return text.replace(steering, (found) => [...found].map(visible).join('')).replace(unseen, escaped);
}

/** Makes text printable as `printable` does, in one line, for the cell of a table. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', String.raw`\n`).replaceAll('\t', ' ');
}

/** Shows what would steer a terminal as text, and leaves colours as they are. */
export function printableWithColours(text: string): string {
  return text.replace(steering, (found) =>
    found === '\r\n' || isColour(found) ? found : [...found].map(visible).join(''),
  );
}

/** Does the same with bytes that come in pieces, wherever these end. */
export interface PrintableStream {
  take(bytes: Uint8Array): string;
  /** What was held back, because the next piece might have completed it. */
  rest(): string;
}

export function createPrintableStream(): PrintableStream {
  let decoder = new TextDecoder();
  let held = '';
  return {
    take: (bytes) => {
      const text = held + decoder.decode(bytes, { stream: true });
      const cut = unfinished.exec(text);
      held = cut && !TAB_OR_LINE_END.test(cut[0]) ? cut[0] : '';
      return printableWithColours(text.slice(0, text.length - held.length));
    },
    rest: () => {
      const text = held + decoder.decode();
      decoder = new TextDecoder();
      held = '';
      return printableWithColours(text);
    },
  };
}

function visible(character: string): string {
  if (TAB_OR_LINE_END.test(character) || !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(character)) return character;
  return escaped(character);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const CONCEAL = 8;
/** The parameters that take others, which then mean a colour. */
const extended: Readonly<Record<string, true>> = { '38': true, '48': true, '58': true };
const lengths: Readonly<Record<string, number>> = { '5': 2, '2': 4 };

/** Colours and styles (SGR), but not the one that hides text. */
function isColour(found: string): boolean {
  if (!found.startsWith(`${ESCAPE}[`)) return false;
  const parameters = found.slice(2, -1).split(';');
  for (let i = 0; i < parameters.length; i++) {
    const one = parameters[i] ?? '';
    if (Number.parseInt(one, 10) === CONCEAL) return false;
    if (extended[one]) i += lengths[parameters[i + 1] ?? ''] ?? 0;
  }
  return true;
}
