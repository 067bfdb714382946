import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { groupAt } from './find-lines.ts';
import { LogBar } from './log-bar.tsx';
import { Line } from './log-line.tsx';
import type { LogLines } from './log-lines.ts';
import { LINE_PX, type Rows, useRows } from './log-rows.ts';
import { createShownLines, type Shown } from './shown-lines.ts';

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
  const [isWrapped, setWrapped] = useState(false);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const placesNow = useMemo(() => createShownLines(lines, shown, closed), [lines, shown, closed]);
  const places = useMemo(placesNow, [placesNow, version]);
  const count = places?.length ?? lines.count;
  const { isAtEnd, setAtEnd, watch } = useEndOf(scroller, marked === undefined);
  const rows = useRows(scroller, count, isWrapped);
  const { current, goTo, target } = useGoing({ lines, version, marked, rows, places });
  const show = (place: number): void => {
    setAtEnd(false);
    setShown('all');
    const group = groupAt(lines, place);
    if (group !== undefined) setClosed(closed.difference(new Set([group])));
    goTo(place);
  };
  useEffect(() => {
    if (target !== undefined) show(target);
  }, [target]);
  useEffect(() => {
    if (isAtEnd && count > 0) rows.goTo(count - 1, 'end');
  }, [version, isAtEnd, count, isWrapped]);
  const toggle = (group: number): void =>
    setClosed(closed.has(group) ? closed.difference(new Set([group])) : closed.union(new Set([group])));
  const toggleAll = (): void => setClosed(closed.size > 0 ? new Set() : new Set(lines.groups.map((one) => one.first)));
  const bar = { lines, execution, shown, setShown, hasTimes, setTimes, isWrapped, setWrapped, isAtEnd, setAtEnd };
  return (
    <div class="log-frame">
      <LogBar {...bar} {...{ current, goTo: show, hasClosed: closed.size > 0, toggleAll }} />
      {/* Lines that scroll by would be read out without an end. */}
      <div
        class={isWrapped ? 'log wrapped' : 'log'}
        role="log"
        aria-live="off"
        aria-label="Log"
        /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
        tabIndex={0}
        ref={scroller}
        onScroll={watch}
        style={{ height: `min(60vh, ${Math.max(LEAST_LINES, count) * LINE_PX + FRAME_PX}px)` }}
      >
        <div style={{ height: `${rows.height}px`, position: 'relative' }}>
          {rows.seen.map(({ index, start }) => {
            const place = places?.[index] ?? index;
            const number = place + 1 + lines.dropped;
            return (
              <Line
                key={number}
                line={lines.at(place)}
                {...{ index, number, hasTime: hasTimes, isCurrent: place === current, top: start }}
                address={`#/executions/${execution}/log/L`}
                measure={rows.measure}
                isClosed={closed.has(number)}
                toggle={() => toggle(number)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface Going {
  readonly lines: LogLines;
  readonly version: number;
  readonly marked: number | undefined;
  readonly rows: Rows;
  readonly places: readonly number[] | undefined;
}

/** Goes to lines. One that is hidden is gone to when it is shown again, which the next drawing does. */
function useGoing({ lines, version, marked, rows, places }: Going) {
  const [current, setCurrent] = useState<number>();
  const [wanted, setWanted] = useState<number>();
  useEffect(() => {
    if (wanted === undefined) return;
    const index = places === undefined ? wanted : places.indexOf(wanted);
    if (index < 0) return;
    rows.goTo(index, 'center');
    setWanted(undefined);
  }, [wanted, places, version]);
  const target = marked === undefined ? undefined : marked - 1 - lines.dropped;
  const goTo = (place: number): void => {
    setCurrent(place);
    setWanted(place);
  };
  return { current, goTo, target: target !== undefined && target < lines.count ? target : undefined };
}

/**
 * Whether the log stays at its end. Only somebody who scrolls up lets go of it: that the end has moved away, because lines
 * have come, does not.
 */
function useEndOf(scroller: { readonly current: HTMLDivElement | null }, isWanted: boolean) {
  const [isAtEnd, setAtEnd] = useState(isWanted);
  const last = useRef({ top: 0, height: 0, isLetGo: false });
  const watch = (): void => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop: top, scrollHeight: height, clientHeight } = element;
    const isUp = top < last.current.top && height >= last.current.height;
    const isNear = height - top - clientHeight < NEAR_PX;
    /* Who has let go is near the end for a while; who comes back to it stays there. */
    const isLetGo = last.current.isLetGo && isNear;
    if (isNear && !isLetGo) setAtEnd(true);
    else if (isUp) setAtEnd(false);
    last.current = { top, height, isLetGo };
  };
  const choose = (isWantedNow: boolean): void => {
    last.current.isLetGo = !isWantedNow;
    setAtEnd(isWantedNow);
  };
  return { isAtEnd, setAtEnd: choose, watch };
}
