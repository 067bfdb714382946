/** Shorter values are part of too much else: masking them would tell more than it hides. */
const LEAST_BYTES = 4;
/** A part of base64 shorter than this is part of too much else. */
const LEAST_BASE64 = 4;

/** All the ways in which a value is looked for, as bytes in latin1. Empty: it is too short. */
export function spellingsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length < LEAST_BYTES) return [];
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= 8);
  const texts = [value, ...(lines.length > 1 ? lines : [])];
  const spellings = texts.flatMap((text) => [text, ...escaped(text), ...urlEncoded(text)]);
  return [
    ...new Set([...spellings.map((text) => Buffer.from(text, 'utf8').toString('latin1')), ...base64Parts(bytes)]),
  ];
}

/** As JSON writes it in a string: as JavaScript and most others do, with `/` escaped, and in ASCII only. */
function escaped(text: string): readonly string[] {
  const usual = JSON.stringify(text).slice(1, -1);
  const ascii = usual.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [usual, usual.replaceAll('/', '\\/'), ascii];
}

/** By encodeURIComponent, with all that RFC 3986 reserves, as a path (`/` stays), with lower-case digits, and as forms do. */
function urlEncoded(text: string): readonly string[] {
  const usual = encodeURIComponent(text.toWellFormed());
  const strict = usual.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const both = [usual, strict].flatMap((one) => [one, one.replaceAll('%2F', '/')]);
  const lower = both.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [...both, ...lower, ...[...both, ...lower].map((one) => one.replaceAll('%20', '+'))];
}

/** What base64 makes of the value wherever it begins in a group of three bytes: the digits that no neighbour changes. */
function base64Parts(bytes: Buffer): readonly string[] {
  const parts = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = before === 0 ? 0 : before + 1;
    const isWholeAtTheEnd = (before + bytes.length) % 3 === 0;
    return text.slice(first, isWholeAtTheEnd ? undefined : -1);
  });
  const usable = parts.filter((part) => part.length >= LEAST_BASE64);
  return [...usable, ...usable.map((part) => part.replaceAll('+', '-').replaceAll('/', '_'))];
}
