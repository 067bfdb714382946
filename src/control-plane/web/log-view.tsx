import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import Anser from 'anser';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { LogLine, LogLines } from './log-lines.ts';

const LINE_PX = 20;
/** So near to the end counts as there: the log stays at its end while it grows. */
const NEAR_PX = 40;

/** Shows a log. Only the lines that are seen are in the document, however many there are. */
export function LogView({ lines, version }: { readonly lines: LogLines; readonly version: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const virtualizer = useVirtualizer(scroller, lines.count);
  useEffect(() => {
    if (isAtEnd && lines.count > 0) virtualizer.scrollToIndex(lines.count - 1, { align: 'end' });
  }, [version, isAtEnd, lines.count, virtualizer]);
  const watch = (): void => {
    const element = scroller.current;
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
  };
  return (
    <div class="log-frame">
      <p class="log-summary">
        <output>{lines.count + lines.dropped} lines</output>
        {lines.dropped > 0 && ` (the first ${lines.dropped} are not shown)`}
        <label>
          <input type="checkbox" checked={isAtEnd} onChange={(event) => setAtEnd(event.currentTarget.checked)} /> stay
          at the end
        </label>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */}
      <div class="log" role="log" aria-label="Log" tabIndex={0} ref={scroller} onScroll={watch}>
        <div style={{ height: `${virtualizer.getTotalSize()}px`, position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => (
            <Line key={index} line={lines.at(index)} top={start} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line({ line, top }: { readonly line: LogLine | undefined; readonly top: number }) {
  if (!line) return null;
  const parts = Anser.ansiToJson(line.text, { use_classes: true, remove_empty: true });
  return (
    <div class={`line ${line.stream}`} style={{ transform: `translateY(${top}px)` }}>
      {parts.map((part, n) => (
        <span key={n} class={classesOf(part)}>
          {part.content}
        </span>
      ))}
    </div>
  );
}

function classesOf({ fg, bg, decorations }: ReturnType<typeof Anser.ansiToJson>[number]): string {
  return [fg, bg && `${bg}-bg`, ...decorations.map((one) => `ansi-${one}`)].filter(Boolean).join(' ');
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
