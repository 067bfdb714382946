/** Writes JSON that databases and servers take: NUL and halves of surrogate pairs, which their text cannot hold, become U+FFFD. */
export function storableJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g, (sequence, what: string) =>
    what === '\\' ? sequence : '\\ufffd',
  );
}

/** Turns a text into one that databases and servers take: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
