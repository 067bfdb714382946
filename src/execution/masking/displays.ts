/** The spellings of a text by programs that show what is in a file, and by those that take its bytes for another encoding. */
export function displayed(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const named = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  const octal = named.replace(NOT_SHOWN, (one) =>
    [...Buffer.from(one)].map((byte) => `\\${digits(byte, 8, 3)}`).join(''),
  );
  const shown = [...bytes].map(byCat).join('');
  return [
    octal /* sed's l */,
    octal.replaceAll('"', '\\"') /* git's paths */,
    shown /* cat -v */,
    shown.replaceAll('\t', '^I') /* cat -A */,
    bytes.toString('latin1') /* UTF-8 that was taken for Latin-1, and written as UTF-8 once more */,
    text.replace(BEYOND_ASCII, byPython) /* Python's stderr in the C locale */,
    ...expanded(text),
  ];
}

const TAB_STOP = 8;

/** A text with blanks in place of its tabs, as `expand` and `git log` write it, wherever it begins in a line. */
function expanded(text: string): readonly string[] {
  if (!text.includes('\t')) return [];
  const [first = '', ...others] = text.split('\t');
  return Array.from({ length: TAB_STOP }, (_, column) =>
    others.reduce((line, part) => {
      const length = column + Array.from(line).length;
      return line + ' '.repeat(TAB_STOP - (length % TAB_STOP)) + part;
    }, first),
  );
}

/** The spellings of a text in regular expressions that look for it: of Python, JavaScript and PHP. */
export function inExpressions(text: string): readonly string[] {
  const script = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return [
    text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&'),
    script,
    script.replaceAll('/', '\\/'),
    text.replace(/[.\\+*?[^\]$(){}=!<>|:\-#]/g, '\\$&'),
    text.replace(/[.\\+*?[^\]$(){}=!<>|:\-#/]/g, '\\$&'),
  ];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is not shown
const NOT_SHOWN = /[\0-\u001f\u007f]|[^\0-\u007f]/gu;
const BEYOND_ASCII = /[^\0-\u007f]/gu;

/** A byte as `cat -v` shows it. */
function byCat(byte: number): string {
  if (byte >= 0x80)
    return `M-${byCat(byte - 0x80)
      .replace('\t', '^I')
      .replace('\n', '^J')}`;
  if (byte === 0x7f) return '^?';
  return byte >= 0x20 || byte === 9 || byte === 10 ? String.fromCharCode(byte) : `^${String.fromCharCode(byte + 0x40)}`;
}

/** A character as Python writes it where an encoding lacks it. */
function byPython(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${digits(code, 16, 2)}`;
  return code < 0x10000 ? `\\u${digits(code, 16, 4)}` : `\\U${digits(code, 16, 8)}`;
}

function digits(code: number, base: number, width: number): string {
  return code.toString(base).padStart(width, '0');
}
