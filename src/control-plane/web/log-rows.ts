import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** Chromium shows an element that is 33 million pixels high, Firefox 17 million: a million lines. */
export const LINE_PX = 17;
const OVERSCAN = 20;

interface Row {
  readonly index: number;
  /** Where it begins, in pixels. */
  readonly start: number;
}

/** The lines of a log that are seen, and where they are. */
export interface Rows {
  readonly height: number;
  readonly seen: readonly Row[];
  goTo(index: number, align: 'center' | 'end'): void;
  /** Notes how high a line is; undefined: all are of one height. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

type Scroller = { readonly current: HTMLDivElement | null };

/** Lines that are wrapped are measured one by one; others are all of one height, and arithmetic finds them, however many. */
export function useRows(scroller: Scroller, count: number, isWrapped: boolean): Rows {
  const even = useEvenRows(scroller, count);
  const uneven = useUnevenRows(scroller, isWrapped ? count : 0);
  return isWrapped ? uneven : even;
}

function useEvenRows(scroller: Scroller, count: number): Rows {
  const [{ top, height }, see] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = (): void =>
      see((before) =>
        before.top === element.scrollTop && before.height === element.clientHeight
          ? before
          : { top: element.scrollTop, height: element.clientHeight },
      );
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      watcher.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller]);
  const first = Math.max(0, Math.min(count, Math.floor(top / LINE_PX)) - OVERSCAN);
  const behind = Math.min(count, Math.ceil((top + height) / LINE_PX) + OVERSCAN);
  const seen = Array.from({ length: Math.max(0, behind - first) }, (_, n) => ({
    index: first + n,
    start: (first + n) * LINE_PX,
  }));
  const goTo: Rows['goTo'] = (index, align) => {
    const element = scroller.current;
    if (!element) return;
    const room = element.clientHeight - LINE_PX;
    element.scrollTop = index * LINE_PX - (align === 'end' ? room : room / 2);
  };
  return { height: count * LINE_PX, seen, goTo, measure: undefined };
}

function useUnevenRows(scroller: Scroller, count: number): Rows {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    height: virtualizer.getTotalSize(),
    seen: virtualizer.getVirtualItems(),
    goTo: (index, align) => virtualizer.scrollToIndex(index, { align }),
    measure: virtualizer.measureElement,
  };
}
