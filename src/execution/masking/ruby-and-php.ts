/** The spellings that Ruby's `inspect` and `dump` give a text, also as bytes, and its YAML. */
export function quotedByRuby(text: string): readonly string[] {
  const quoted = text.replace(/["\\]|#(?=[{$@])/g, '\\$&').replace(CONTROL, inRuby);
  return [
    quoted,
    quoted.replace(BEYOND_ASCII, pointOf),
    quoted.replace(BEYOND_ASCII, bytesOf),
    quoted.replace(/[\u{10000}-\u{10ffff}]/gu, (one) => `\\U${hex(one, 8)}`),
  ];
}

/** The spellings that PHP's `json_encode` gives a text with the options that keep it harmless within HTML. */
export function jsonByPhp(text: string): readonly string[] {
  const usual = JSON.stringify(text).slice(1, -1);
  const plain = [
    usual.replace(/[<>&]/g, unicodeOf),
    usual.replace(/\\(.)|[<>&']/g, (one, escaped?: string) => inHtml(one, escaped)),
  ];
  const all = plain.flatMap((one) => [one, one.replace(/[\u007f-\uffff]/g, (each) => unicodeOf(each).toLowerCase())]);
  return all.flatMap((one) => [one, one.replaceAll('/', '\\/')]);
}

/** A character, or an escape of JSON, where quotation marks are escaped by their numbers too. */
function inHtml(one: string, escaped: string | undefined): string {
  if (escaped === '"') return '\\u0022';
  return escaped === undefined ? unicodeOf(one) : one;
}

/** The spellings with names of HTML for letters of Latin-1, as PHP's `htmlentities` and mbstring write them. */
export function withNamedEntities(text: string): readonly string[] {
  const base = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const escaped = [base, base.replaceAll("'", '&#039;')];
  const named = [text, ...escaped].map((one) =>
    one.replace(/[\u00a0-\u00ff]/g, (letter) => `&${LATIN_1[letter.charCodeAt(0) - 0xa0]};`),
  );
  return [...escaped, ...named, ...named.map((one) => one.replace(BEYOND_ASCII, numberOf))];
}

const LATIN_1 =
  `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para
  middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute
  Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute
  THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde
  ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`.split(/\s+/);

const BEYOND_ASCII = /[^\0-\u007f]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\u001f\u007f]/g;
const NAMED = new Map(
  Object.entries({ '\n': 'n', '\r': 'r', '\t': 't', '\f': 'f', '\v': 'v', '\b': 'b', '\x07': 'a' }),
);

function inRuby(one: string): string {
  return `\\${NAMED.get(one) ?? (one === '\x1b' ? 'e' : `x${hex(one, 2)}`)}`;
}

function pointOf(one: string): string {
  return one.length > 1 ? `\\u{${hex(one, 1)}}` : unicodeOf(one);
}

function bytesOf(one: string): string {
  return [...Buffer.from(one)].map((byte) => `\\x${byte.toString(16).toUpperCase()}`).join('');
}

function unicodeOf(one: string): string {
  return `\\u${hex(one, 4)}`;
}

function numberOf(one: string): string {
  return `&#${one.codePointAt(0)};`;
}

function hex(one: string, width: number): string {
  return (one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(width, '0');
}
