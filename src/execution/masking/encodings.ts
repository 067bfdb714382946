/** A part of base64 shorter than this is part of too much else. */
const LEAST_BASE64 = 4;

/**
 * The texts that base64 makes of a text wherever it begins in a group of three bytes, without padding, in the usual
 * alphabet and in that of URLs: the digits that no neighbour changes, and with the last one as it is where the text ends.
 */
export function base64Of(text: string): readonly string[] {
  return base64OfBytes(Buffer.from(text, 'utf8'));
}

function base64OfBytes(bytes: Buffer): readonly string[] {
  const parts = [0, 1, 2].flatMap((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const own = digits.slice(before === 0 ? 0 : before + 1);
    const isWholeAtTheEnd = (before + bytes.length) % 3 === 0;
    return isWholeAtTheEnd ? [own] : [own.slice(0, -1), own];
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

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** A part of base32 shorter than this is part of too much else. */
const LEAST_BASE32 = 6;

/** The texts that base32 makes of a text wherever it begins in a group of five bytes, as `base64Of` does. */
export function base32Of(text: string): readonly string[] {
  const bits = [...Buffer.from(text, 'utf8')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const parts = [0, 1, 2, 3, 4].flatMap((before) => {
    const own = bits.slice((5 - ((before * 8) % 5)) % 5);
    const whole = own.slice(0, own.length - (own.length % 5));
    return [whole, own.padEnd(Math.ceil(own.length / 5) * 5, '0')];
  });
  const digits = [...new Set(parts)].map((part) =>
    (part.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join(''),
  );
  const usable = digits.filter((part) => part.length >= LEAST_BASE32);
  return [...usable, ...usable.map((part) => part.toLowerCase())];
}

/** The bytes of a text in Latin-1, as JavaScript's `btoa` takes it: as they are, in base64 and as hexadecimal digits. */
export function inLatin1(text: string): { readonly bytes: readonly string[]; readonly encoded: readonly string[] } {
  if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return { bytes: [], encoded: [] };
  const bytes = Buffer.from(text, 'latin1');
  const digits = bytes.toString('hex');
  return { bytes: [text], encoded: [...base64OfBytes(bytes), digits, digits.toUpperCase()] };
}

/** The bytes of a text in UTF-16, as Windows and PowerShell encode it: in base64, and as hexadecimal digits. */
export function inUtf16(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf16le');
  const digits = bytes.toString('hex');
  return [...base64OfBytes(bytes), digits, digits.toUpperCase()];
}
