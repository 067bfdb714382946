import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { type Piece, piecesOf } from './ansi.ts';
import { placesOf, type Shown } from './find-lines.ts';
import { LogBar } from './log-bar.tsx';
import type { LogLine, LogLines } from './log-lines.ts';

/** Chromium shows an element that is 33 million pixels high, Firefox 17 million: a million lines. */
const LINE_PX = 17;
/** The least height of the log, and what its frame and a scroll bar take. */
const LEAST_LINES = 3;
const FRAME_PX = 20;
/** So near to the end counts as there: the log stays at its end while it grows. */
const NEAR_PX = 40;

interface LogProps {
  readonly execution: number;
  readonly lines: LogLines;
  /** Another number for each time that lines have come. */
  readonly version: number;
  /** The line to which the address leads, the first being 1. */
  readonly marked: number | undefined;
}

/** Shows a log. Only the lines that are seen are in the document, however many there are. */
export function LogView({ execution, lines, version, marked }: LogProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Shown>('all');
  const [hasTimes, setTimes] = useState(false);
  const places = useMemo(() => placesOf(lines, shown), [lines, shown, version]);
  const count = places?.length ?? lines.count;
  const { isAtEnd, setAtEnd, watch } = useEndOf(scroller, marked === undefined);
  const virtualizer = useVirtualizer(scroller, count);
  const [current, setCurrent] = useState<number>();
  const goTo = (place: number): void => {
    setAtEnd(false);
    setShown('all');
    setCurrent(place);
    virtualizer.scrollToIndex(place, { align: 'center' });
  };
  const target = marked === undefined ? undefined : marked - 1 - lines.dropped;
  const isThere = target !== undefined && target < lines.count;
  useEffect(() => {
    if (target !== undefined && isThere) goTo(target);
  }, [target, isThere]);
  useEffect(() => {
    if (isAtEnd && count > 0) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [version, isAtEnd, count, virtualizer]);
  return (
    <div class="log-frame">
      <LogBar {...{ lines, execution, shown, setShown, hasTimes, setTimes, isAtEnd, setAtEnd, current, goTo }} />
      {/* Lines that scroll by would be read out without an end. */}
      <div
        class="log"
        role="log"
        aria-live="off"
        aria-label="Log"
        /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
        tabIndex={0}
        ref={scroller}
        onScroll={watch}
        style={{ height: `min(60vh, ${Math.max(LEAST_LINES, count) * LINE_PX + FRAME_PX}px)` }}
      >
        <div style={{ height: `${virtualizer.getTotalSize()}px`, position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const place = places?.[index] ?? index;
            return (
              <Line
                key={index}
                line={lines.at(place)}
                top={start}
                address={`#/executions/${execution}/log/L`}
                number={place + 1 + lines.dropped}
                hasTime={hasTimes}
                isCurrent={place === current}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/**
 * Whether the log stays at its end. Only somebody who scrolls up lets go of it: that the end has moved away, because lines
 * have come, does not.
 */
function useEndOf(scroller: { readonly current: HTMLDivElement | null }, isWanted: boolean) {
  const [isAtEnd, setAtEnd] = useState(isWanted);
  const last = useRef({ top: 0, height: 0 });
  const watch = (): void => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop: top, scrollHeight: height, clientHeight } = element;
    const isUp = top < last.current.top && height >= last.current.height;
    if (height - top - clientHeight < NEAR_PX) setAtEnd(true);
    else if (isUp) setAtEnd(false);
    last.current = { top, height };
  };
  return { isAtEnd, setAtEnd, watch };
}

interface LineProps {
  readonly line: LogLine | undefined;
  readonly top: number;
  /** Without the number of the line. */
  readonly address: string;
  readonly number: number;
  readonly hasTime: boolean;
  readonly isCurrent: boolean;
}

function Line({ line, top, address, number, hasTime, isCurrent }: LineProps) {
  if (!line) return null;
  return (
    <div class={`line ${line.stream}${isCurrent ? ' current' : ''}`} style={{ transform: `translateY(${top}px)` }}>
      <a class="number" href={`${address}${number}`} tabIndex={-1} aria-label={`Line ${number}`}>
        {number}
      </a>
      {hasTime && <span class="time">{line.at.slice(11, 23)} </span>}
      <span class="text">
        {piecesOf(line.text).map((piece, n) => (
          <PieceOf key={n} piece={piece} />
        ))}
      </span>
    </div>
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

function useVirtualizer(scroller: { readonly current: HTMLDivElement | null }, count: number) {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, Element>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
}
