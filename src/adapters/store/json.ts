import { parseStoredJson } from '#formats/json.ts';

/** Parses a column of JSON text; null stays null. */
export function parsed(text: string | null): unknown {
  return text === null ? null : parseStoredJson(text);
}
