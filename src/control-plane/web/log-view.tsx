import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { type Piece, piecesOf } from './ansi.ts';
import type { LogLine, LogLines } from './log-lines.ts';

/** Chromium shows an element that is 33 million pixels high, Firefox 17 million: a million lines. */
const LINE_PX = 17;
/** So near to the end counts as there: the log stays at its end while it grows. */
const NEAR_PX = 40;

/** Shows a log. Only the lines that are seen are in the document, however many there are. */
export function LogView({ lines, version }: { readonly lines: LogLines; readonly version: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, setAtEnd, watch } = useEndOf(scroller);
  const virtualizer = useVirtualizer(scroller, lines.count);
  useEffect(() => {
    if (isAtEnd && lines.count > 0) virtualizer.scrollToIndex(lines.count - 1, { align: 'end' });
  }, [version, isAtEnd, lines.count, virtualizer]);
  return (
    <div class="log-frame">
      <p class="log-summary">
        <span>{lines.count + lines.dropped} lines</span>
        {lines.dropped > 0 && ` (the first ${lines.dropped} are not shown)`}
        <label>
          <input type="checkbox" checked={isAtEnd} onChange={(event) => setAtEnd(event.currentTarget.checked)} /> stay
          at the end
        </label>
      </p>
      {/* Lines that scroll by would be read out without an end. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */}
      <div class="log" role="log" aria-live="off" aria-label="Log" tabIndex={0} ref={scroller} onScroll={watch}>
        <div style={{ height: `${virtualizer.getTotalSize()}px`, position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => (
            <Line key={index} line={lines.at(index)} top={start} />
          ))}
        </div>
      </div>
    </div>
  );
}

/**
 * Whether the log stays at its end. Only somebody who scrolls up lets go of it: that the end has moved away, because lines
 * have come, does not.
 */
function useEndOf(scroller: { readonly current: HTMLDivElement | null }) {
  const [isAtEnd, setAtEnd] = useState(true);
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

function Line({ line, top }: { readonly line: LogLine | undefined; readonly top: number }) {
  if (!line) return null;
  return (
    <div class={`line ${line.stream}`} style={{ transform: `translateY(${top}px)` }}>
      {piecesOf(line.text).map((piece, n) => (
        <Shown key={n} piece={piece} />
      ))}
    </div>
  );
}

function Shown({ piece: { text, classes, style, href } }: { readonly piece: Piece }) {
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
