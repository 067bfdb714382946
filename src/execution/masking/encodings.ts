/** A part of base64 shorter than this is part of too much else. */
const LEAST_BASE64 = 4;

/**
 * The texts that base64 makes of a text wherever it begins in a group of three bytes: the digits that no neighbour
 * changes, without padding, in the usual alphabet and in that of URLs.
 */
export function base64Of(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  const parts = [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = before === 0 ? 0 : before + 1;
    const isWholeAtTheEnd = (before + bytes.length) % 3 === 0;
    return digits.slice(first, isWholeAtTheEnd ? undefined : -1);
  });
  const usable = parts.filter((part) => part.length >= LEAST_BASE64);
  return [...usable, ...usable.map((part) => part.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** The bytes of a text as hexadecimal digits with a colon or a space between two bytes. */
export function dividedHexOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8').toString('hex').match(/../g) ?? [];
  return [':', ' '].flatMap((between) => [bytes.join(between), bytes.join(between).toUpperCase()]);
}

/** The bytes of a text as hexadecimal digits, in lower and in upper case. */
export function hexOf(text: string): readonly string[] {
  const digits = Buffer.from(text, 'utf8').toString('hex');
  return [digits, digits.toUpperCase()];
}
