import { digitsOf } from './exact-number.ts';

/** Tells whether a value from outside is an object with keys: no array, no null, no exact number. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && digitsOf(value) === undefined;
}

/**
 * The entries of a record from outside, with values as text: a value that is no text is written as JSON. Any other
 * value has no entries.
 */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  const pairs = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(pairs.map(([key, one]) => [key, typeof one === 'string' ? one : JSON.stringify(one)]));
}
