import { parseStoredJson } from '#formats/json.ts';

/** Writes JSON that PostgreSQL takes: NUL and halves of surrogate pairs, which its text cannot hold, become U+FFFD. */
export function storableJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g, (sequence, what: string) =>
    what === '\\' ? sequence : '\\ufffd',
  );
}

/** Turns a text into one that PostgreSQL takes: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

/** Parses a column of JSON text; null stays null. */
export function parsed(text: string | null): unknown {
  return text === null ? null : parseStoredJson(text);
}
