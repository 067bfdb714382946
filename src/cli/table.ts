import { printableLine } from './printable.ts';

const GAP = 2;
const NARROWEST = 8;
/** A line has no more characters for each of its columns, however many of them are marks without a width. */
const MOST_PER_COLUMN = 16;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Lays out rows as lines of left-aligned columns, by the columns of a terminal that their characters take. What would steer a terminal is shown as text. Where the lines would be
 * longer than `width`, the widest columns are made narrower, and their cells continue on further lines; where that is not
 * enough, each row stands by itself. The first row is the heading.
 */
export function table(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): readonly string[] {
  const [heading = []] = rows;
  const lines = tableRows(rows, width).flat();
  const isNarrow = heading.length > 2 && lines.some((line) => Bun.stringWidth(line) > width);
  return isNarrow ? records(rows, width) : lines;
}

/** Lays out each row by itself, with the names of its columns beside its cells: for terminals that are very narrow. */
function records([heading = [], ...rows]: readonly (readonly string[])[], width: number): readonly string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...factLines(
      heading.map((name, column) => [name, row[column] || undefined]),
      width,
    ),
  ]);
}

/** Lays out rows as `table` does, with the lines of each row by themselves. */
export function tableRows(rows: readonly (readonly string[])[], width: number): readonly (readonly string[])[] {
  const cells = rows.map((row) => row.map(printableLine));
  const widths = narrowed(widthsOf(cells), width);
  return cells.map((row) => {
    const wrapped = row.map((cell, column) => wrap(cell, widths[column] ?? NARROWEST));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      wrapped
        .map((lines, column) => padded(lines[line] ?? '', widths[column] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    );
  });
}

/** Lays out facts as names with their values beside them. Facts without a value are left out. */
export function factLines(facts: readonly (readonly [string, unknown])[], width: number): readonly string[] {
  return table(
    facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    width,
  );
}

function widthsOf(cells: readonly (readonly string[])[]): readonly number[] {
  return (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => Bun.stringWidth(row[column] ?? ''))));
}

/** Narrows the widest column again and again, until all fit or none can be narrower. */
function narrowed(given: readonly number[], width: number): readonly number[] {
  const widths = [...given];
  const total = (): number => widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1));
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - Bun.stringWidth(text)));
}

/** Divides a text into lines, at spaces where there are some. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  for (;;) {
    const most = fitting(rest, width);
    if (most === rest.length) return [...lines, rest];
    const space = rest.lastIndexOf(' ', most);
    const cut = space > 0 ? space : most;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
}

/** How many characters of a text fit into a width, as whole as they are read, and at least one of them. */
function fitting(text: string, width: number): number {
  const start = text.slice(0, width * MOST_PER_COLUMN);
  if (/^[ -~]*$/.test(start)) return Math.min(width, start.length);
  let taken = 0;
  for (const { segment, index } of graphemes.segment(start)) {
    taken += Bun.stringWidth(segment);
    if (taken > width && index > 0) return index;
  }
  return start.length;
}
