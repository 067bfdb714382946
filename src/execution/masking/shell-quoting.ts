/**
 * The spellings that shells give a text: `set -x`, `printf %q`, `declare -p`, and the quoting of other programs for
 * shells.
 */
export function quotedByShells(text: string): readonly string[] {
  const inWord = text.replace(/[^A-Za-z0-9_./:=@%+~#-]/gu, backslashed).replace(/[:=](?=~)/g, '$&\\');
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`) /* Python's shlex.quote */,
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/["$`\\!]/g, '\\$&'),
    text.replace(/[^A-Za-z0-9_./:=@%+-]/gu, backslashed) /* printf %q, Perl's quotemeta keeps less */,
    text.replace(/[^A-Za-z0-9_./:=@%+,~#-]/gu, backslashed),
    inWord,
    inWord.replace(/^[~#]/, '\\$&') /* where a word of bash begins with it */,
    text.replace(/[^A-Za-z0-9_]/gu, backslashed),
    text.replaceAll("'", "'\\''").replace(CONTROLS, (some) => `'$'${ansiC(some)}''`) /* GNU's programs */,
    text.replace(CONTROL, (one) => `$'${ansiC(one)}'`) /* zsh's q; backslashes are found by themselves */,
    text.replace(NOT_SHOWN, (one) => inOctal(one).replaceAll(/\\[0-7]+/g, "$$'$&'")) /* the same in the C locale */,
    ansiC(text),
    ansiC(text, inOctal),
    ansiC(text, (one) => [...Buffer.from(one)].map((byte) => `\\x${byte.toString(16)}`).join('')),
  ];
}

function inOctal(one: string): string {
  return [...Buffer.from(one)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function backslashed(one: string): string {
  return one.length === 1 && one.charCodeAt(0) < 0x80 ? `\\${one}` : one;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\0-\u001f\u007f]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\u001f\u007f]/g;

const NOT_SHOWN = /[^\0-\u007f]/gu;

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u0007': '\\a',
  '\b': '\\b',
  '\u000b': '\\v',
  '\f': '\\f',
  '\u001b': '\\E',
};

/** The inside of `$'…'`, with characters beyond ASCII as `other` writes them. */
function ansiC(text: string, other = (one: string): string => one): string {
  return [...text]
    .map((one) => {
      const code = one.codePointAt(0) ?? 0;
      if (code > 0x7e) return other(one);
      return NAMED[one] ?? (code < 0x20 ? `\\${code.toString(8).padStart(3, '0')}` : one);
    })
    .join('');
}
