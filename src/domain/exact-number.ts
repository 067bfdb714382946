/* Of the language since 2025, and not yet in the types. */
declare global {
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/**
 * Makes a value for a number that the numbers of the language cannot hold: `JSON.stringify` writes its digits as they
 * are given here.
 */
export function exactNumber(digits: string): object {
  return JSON.rawJSON(digits);
}

/** The digits of a value that `exactNumber` has made; undefined for every other value. */
export function digitsOf(value: unknown): string | undefined {
  return typeof JSON.isRawJSON === 'function' && JSON.isRawJSON(value) ? JSON.stringify(value) : undefined;
}
