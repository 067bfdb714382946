/**
 * The spellings that JSON gives a text in a string: as JavaScript and most others write it, with `/` escaped, and in
 * ASCII only.
 */
export function jsonEscaped(text: string): readonly string[] {
  const usual = JSON.stringify(text).slice(1, -1);
  const ascii = usual.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  /* Go and others keep texts harmless within HTML. */
  const html = usual.replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  return [usual, usual.replaceAll('/', '\\/'), ascii, ascii.replaceAll('/', '\\/'), html];
}

/**
 * The spellings of a text in URLs: by encodeURIComponent, by RFC 3986, as a path, as a whole URL, with lower-case
 * digits, and as forms encode it.
 */
export function urlEncoded(text: string): readonly string[] {
  const usual = encodeURIComponent(text.toWellFormed());
  const strict = usual.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const both = [usual, strict].flatMap((one) => [one, one.replaceAll('%2F', '/')]);
  const whole = encodeURI(text.toWellFormed());
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const lower = [...both, whole, form].map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const letters = [...Buffer.from(text)].map((byte) => byLetter(byte)).join('');
  const all = [...both, whole, form, letters, ...lower, letters.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())];
  /* Forms leave the tilde encoded; jq's @uri and older encoders differ in it. */
  const tilde = all.map((one) => one.replaceAll('~', '%7E'));
  return [...all, ...tilde, ...[...all, ...tilde].map((one) => one.replaceAll('%20', '+'))];
}

/** A byte as scripts encode it that leave letters and digits alone. */
function byLetter(byte: number): string {
  const one = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(one) ? one : `%${hex(byte).toUpperCase()}`;
}

/** The spellings that JSON within JSON gives a text, up to three levels, each in the way of one program. */
export function jsonInJson(text: string): readonly string[] {
  const twice = jsonEscaped(text).flatMap(jsonEscaped);
  const thrice = jsonEscaped(text).map((_, way) => again(again(again(text, way), way), way));
  return [...twice, ...thrice];
}

function again(text: string, way: number): string {
  return jsonEscaped(text)[way] ?? text;
}

/** The spellings of a text by the numbers of all of its characters or bytes: entities, and the encoding of URLs. */
export function byNumbers(text: string): readonly string[] {
  const codes = [...text].map((one) => one.codePointAt(0) ?? 0);
  const hexadecimal = codes.map((code) => `&#x${code.toString(16)};`).join('');
  const bytes = [...Buffer.from(text)].map((byte) => hex(byte));
  const percent = bytes.map((byte) => `%${byte}`).join('');
  return [
    codes.map((code) => `&#${code};`).join(''),
    hexadecimal,
    hexadecimal.replace(/x[0-9a-f]+/g, (digits) => `x${digits.slice(1).toUpperCase()}`),
    percent,
    percent.toUpperCase(),
  ];
}

/** Ways in which writers of HTML and XML escape the two kinds of quotation marks. */
const QUOTES: readonly (readonly [double: string, single: string])[] = [
  ['"', "'"],
  ['&quot;', "'"],
  ['&quot;', '&#39;'],
  ['&quot;', '&#x27;'],
  ['&quot;', '&apos;'],
  ['&#34;', '&#39;'],
];

/** The spellings that HTML and XML give a text, in text and in attributes, also in ASCII only. */
export function withEntities(text: string): readonly string[] {
  const base = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const usual = QUOTES.map(([double, single]) => base.replaceAll('"', double).replaceAll("'", single));
  const strict = usual.map((one) => one.replaceAll('/', '&#x2F;').replaceAll('`', '&#x60;').replaceAll('=', '&#x3D;'));
  const attributes = usual.map((one) =>
    one.replaceAll('\t', '&#9;').replaceAll('\n', '&#10;').replaceAll('\r', '&#13;'),
  );
  const all = [...usual, ...strict, ...attributes];
  return [...all, ...[text, ...all].map(inAscii)];
}

function inAscii(text: string): string {
  return text.replace(/[^\0-\u007f]/gu, (one) => `&#${one.codePointAt(0)};`);
}

/** The spellings that Python's `repr`, Ruby's `inspect` and Node's `util.inspect` give a text, and Python its bytes. */
export function quotedByPrograms(text: string): readonly string[] {
  const plain = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(CONTROL, (one) => `\\x${hex(one.charCodeAt(0))}`);
  const bytes = plain.replace(/[^\0-\u007f]/gu, (one) =>
    [...Buffer.from(one)].map((byte) => `\\x${hex(byte)}`).join(''),
  );
  const ascii = plain.replace(/[^\0-\u007f]/gu, inPython);
  return [plain, bytes, ascii].flatMap((one) => [
    one,
    one.replaceAll("'", "\\'"),
    one.replaceAll('"', '\\"').replaceAll('#', '\\#'),
  ]);
}

/** A character beyond ASCII as Python's `ascii` writes it. */
function inPython(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code)}`;
  const digits = code.toString(16);
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

/** Control characters but tab, newline and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}
