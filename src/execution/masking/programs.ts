/** The spellings that escape every character of a text: as octal, hexadecimal and Unicode escapes of many languages. */
export function byEscapes(text: string): readonly string[] {
  const bytes = [...Buffer.from(text)];
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const points = [...text].map((one) => one.codePointAt(0) ?? 0);
  const octal = bytes.map((byte) => byte.toString(8).padStart(3, '0'));
  return [
    octal.map((digits) => `\\${digits}`).join(''),
    octal.map((digits) => `\\0${digits}`).join(''),
    ...inBothCases(bytes, 2, (digits) => `\\x${digits}`),
    ...inBothCases(units, 4, (digits) => `\\u${digits}`),
    ...inBothCases(points, 1, (digits) => `\\u{${digits}}`),
    ...inBothCases(points, 8, (digits) => `\\U${digits}`),
  ];
}

/** The bytes and the characters of a text as lists of numbers, as JSON has those of a buffer, and as languages print them. */
export function asLists(text: string): readonly string[] {
  const bytes = [...Buffer.from(text)];
  const points = [...text].map((one) => one.codePointAt(0) ?? 0);
  const hexadecimal = inBothCases(bytes, 2, (digits) => `0x${digits} `).map((list) => list.trim());
  return [bytes.join(' '), points.join(' '), ...hexadecimal].flatMap((list) => [
    list,
    list.replaceAll(' ', ','),
    list.replaceAll(' ', ', '),
  ]);
}

/** Members of a list that Node shows. */
const SHOWN = 100;

/** The first bytes and characters of a long text as numbers: Node shows no more of a list. */
export function asFirstNumbers(text: string): readonly string[] {
  const bytes = [...Buffer.from(text)];
  const points = [...text].map((one) => one.codePointAt(0) ?? 0);
  return [bytes, points].filter((all) => all.length > SHOWN).map((all) => all.slice(0, SHOWN).join(','));
}

/** The spellings of quoted texts by further programs: Perl, PyYAML, .NET, Java's properties, SQL and CSV. */
export function quotedByFormats(text: string): readonly string[] {
  const octal = (one: string): string => [...Buffer.from(one)].map((byte) => `\\${byte.toString(8)}`).join('');
  const upper = (one: string): string => `\\u${hex(one.charCodeAt(0), 4)}`;
  const named = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return [
    named.replace(/["$@]/g, '\\$&').replace(BEYOND_ASCII, octal),
    named.replace(/["$@]/g, '\\$&').replace(BEYOND_ASCII, inPerl),
    text.replace(/[\\"$@]/g, '\\$&').replace(BEYOND_ASCII, inPerl),
    named.replaceAll('"', '\\"').replace(BEYOND_ASCII, inYaml),
    named.replace(/["'<>&+`]/g, upper).replace(/[^\0-\u007f]/g, upper),
    named.replace(/[:=#!]/g, '\\$&').replace(/[^\0-\u007f]/g, upper),
    named.replace(/[^\0-\u007f]/g, upper),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
  ];
}

/** The spellings of a text as quoted-printable, as mail programs write it. */
export function quotedPrintable(text: string): readonly string[] {
  const digits = (one: string): string => [...Buffer.from(one)].map((byte) => `=${hex(byte, 2)}`).join('');
  const usual = text.replace(/[^\t\n\r -<>-~]/gu, digits);
  return [usual, usual.replace(/[ \t]/g, digits)];
}

const BEYOND_ASCII = /[^\0-\u007f]/gu;

function inPerl(one: string): string {
  return `\\x{${(one.codePointAt(0) ?? 0).toString(16)}}`;
}

function inYaml(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function inBothCases(codes: readonly number[], width: number, write: (digits: string) => string): readonly string[] {
  const upper = codes.map((code) => write(hex(code, width))).join('');
  return [codes.map((code) => write(hex(code, width).toLowerCase())).join(''), upper];
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}
