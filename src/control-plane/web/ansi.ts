import Anser from 'anser';

/** A piece of a line that looks the same throughout. */
export interface Piece {
  readonly text: string;
  readonly classes: string;
  /** Colours that no class has. */
  readonly style: Readonly<Record<string, string>>;
  /** Where the piece leads to; undefined: it is no link. */
  readonly href: string | undefined;
}

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one */
/** "Select graphic rendition", which sets colours, and OSC 8, which begins or ends a link. */
const LASTING = /\u001b\[[\d;:]*m|\u001b\]8;[^;\u0007\u001b]*;[^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const LINK = /\u001b\]8;[^;\u0007\u001b]*;([^\u0007\u001b]*)(?:\u0007|\u001b\\)/;
/** Titles, clipboards and other commands to a terminal, and the choice of a character set: nothing that can be shown. */
const COMMANDS = /\u001b\](?!8;)[^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[()][0-9A-Z]/g;
const COLONS = /\u001b\[[\d;]*:[\d;:]*m/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above */

/** Takes a line apart by its colours and links. Nothing of it becomes markup. */
export function piecesOf(line: string): readonly Piece[] {
  const anser = new Anser();
  let href: string | undefined;
  const plain = line.replaceAll(COMMANDS, '').replaceAll(COLONS, withSemicolons);
  /* Every other part is the address of a link, or empty where a link ends. */
  return plain.split(LINK).flatMap((part, index) => {
    if (index % 2 === 0)
      return anser.ansiToJson(part, { use_classes: true, remove_empty: true }).map((one) => pieceOf(one, href));
    href = /^(?:https?|mailto):/i.test(part) ? part : undefined;
    return [];
  });
}

/** The text of a line without its colours. */
export function plainOf(line: string): string {
  return line.includes('\u001b')
    ? piecesOf(line)
        .map((one) => one.text)
        .join('')
    : line;
}

/** So many sequences are kept from line to line: a program that never resets its colours must not cost more and more. */
const MOST_KEPT = 30;

/** The sequences that are still in force after a text. */
export function lastingAfter(text: string): string {
  const all = text.match(LASTING) ?? [];
  const links = all.filter((one) => one.startsWith('\u001b]'));
  const colours = all.filter((one) => !one.startsWith('\u001b]'));
  const reset = colours.findLastIndex((one) => /\[0*m$/.test(one));
  return [...colours.slice(reset + 1).slice(-MOST_KEPT), ...links.slice(-1)].join('');
}

/** Colons separate the parts of one colour (`38:2::R:G:B`), and styles of an underline (`4:3`). */
function withSemicolons(sequence: string): string {
  const codes = sequence.slice(2, -1).split(';').flatMap(codeWithSemicolons);
  return codes.length === 0 ? '' : `\u001b[${codes.join(';')}m`;
}

function codeWithSemicolons(code: string): readonly string[] {
  const [kind = '', ...rest] = code.split(':');
  if (rest.length === 0) return [code];
  if (kind === '4') return [rest[0] === '0' ? '24' : '4'];
  if (kind !== '38' && kind !== '48') return [];
  /* The place between 2 and red names a space of colours, and is mostly empty. */
  const numbers = rest[0] === '2' && rest.length > 4 ? ['2', ...rest.slice(2, 5)] : rest;
  return [[kind, ...numbers].join(';')];
}

interface Entry extends Anser.AnserJsonEntry {
  readonly isInverted?: boolean;
}

function pieceOf(entry: Entry, href: string | undefined): Piece {
  const fore = colourOf(entry.fg, entry.fg_truecolor);
  const back = colourOf(entry.bg, entry.bg_truecolor);
  const decorations = entry.decorations.map((one) => `ansi-${one}`);
  return {
    text: entry.content,
    classes: [fore.name, back.name && `${back.name}-bg`, entry.isInverted && 'ansi-inverse', ...decorations]
      .filter(Boolean)
      .join(' '),
    style: {
      ...(fore.rgb && { color: `rgb(${fore.rgb.join()})` }),
      ...(back.rgb && { backgroundColor: `rgb(${back.rgb.join()})` }),
      ...(back.rgb && !entry.fg && { color: isBright(back.rgb) ? 'black' : 'white' }),
    },
    href,
  };
}

type Rgb = readonly number[];

/** A colour of the sixteen has a class, since it differs between dark and light; any other is what its numbers say. */
function colourOf(name: string | null, numbers: string | null): { readonly name?: string; readonly rgb?: Rgb } {
  if (!name) return {};
  if (name === 'ansi-truecolor') return { rgb: (numbers ?? '').split(',').map(Number) };
  const index = Number(/^ansi-palette-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  return Number.isNaN(index) ? { name } : { rgb: colourOfPalette(index) };
}

const CUBE = [0, 95, 135, 175, 215, 255] as const;

/** The colours from 16 on of the palette of 256: a cube of six steps, then grey. */
function colourOfPalette(index: number): Rgb {
  const grey = 8 + (index - 232) * 10;
  if (index >= 232) return [grey, grey, grey];
  const place = index - 16;
  return [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((step) => CUBE[step] ?? 0);
}

/** Tells whether black can be read on a colour better than white: by its relative luminance, as WCAG defines it. */
function isBright(colour: Rgb): boolean {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => (part / 255) ** 2.2);
  return red * 0.2126 + green * 0.7152 + blue * 0.0722 > 0.18;
}
