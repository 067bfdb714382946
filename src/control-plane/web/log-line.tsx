import { type Piece, piecesOf } from './ansi.ts';
import { GROUP, GROUP_END, type LogLine } from './log-lines.ts';

interface LineProps {
  readonly line: LogLine | undefined;
  readonly index: number;
  readonly top: number;
  /** Without the number of the line. */
  readonly address: string;
  readonly number: number;
  readonly hasTime: boolean;
  readonly isCurrent: boolean;
  /** Whether the group that begins here is closed. */
  readonly isClosed: boolean;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  toggle(): void;
}

/** A line of a log, at its place. */
export function Line(props: LineProps) {
  const { line, index, top, address, number, hasTime, isCurrent, measure } = props;
  if (!line) return null;
  const kind = `${line.stream}${line.isSeparator ? ' separator' : ''}${isCurrent ? ' current' : ''}`;
  return (
    <div class={`line ${kind}`} data-index={index} ref={measure ?? null} style={{ transform: `translateY(${top}px)` }}>
      <a class="number" href={`${address}${number}`} tabIndex={-1} aria-label={`Line ${number}`}>
        {number}
      </a>
      {hasTime && <span class="time">{line.at.slice(11, 23)} </span>}
      <Content {...props} line={line} />
    </div>
  );
}

/** So many characters of a line are drawn: a browser would take seconds for a line of a million. */
const MOST_DRAWN = 5000;

function Content({ line, isClosed, toggle }: LineProps & { readonly line: LogLine }) {
  const text = line.text.slice(0, MOST_DRAWN);
  const rest = line.text.length - text.length;
  if (text.startsWith(GROUP))
    return (
      <span class="text">
        <span class="time">┌ </span>
        <button type="button" class="group" aria-expanded={!isClosed} onClick={toggle}>
          {isClosed ? '▸' : '▾'} {text.slice(GROUP.length) || 'group'}
        </button>
      </span>
    );
  if (text.startsWith(GROUP_END)) return <span class="text time">└</span>;
  return (
    <span class="text">
      {piecesOf(text).map((piece, n) => (
        <PieceOf key={n} piece={piece} />
      ))}
      {rest > 0 && <span class="time"> … {rest} more characters, which the search and the download have</span>}
    </span>
  );
}

function PieceOf({ piece: { text, classes, style, href } }: { readonly piece: Piece }) {
  const looks = { class: classes, style };
  return href === undefined ? (
    <span {...looks}>{text}</span>
  ) : (
    <a {...looks} href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}
