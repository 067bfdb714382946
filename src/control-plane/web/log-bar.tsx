import { useEffect, useRef, useState } from 'preact/hooks';
import { save } from './artifacts.tsx';
import { placeOfError, placesWith, textOf } from './find-lines.ts';
import type { LogLines } from './log-lines.ts';
import { type Shown, STREAMS } from './shown-lines.ts';

interface LogBarProps {
  readonly lines: LogLines;
  readonly execution: number;
  readonly shown: Shown;
  setShown(shown: Shown): void;
  readonly hasTimes: boolean;
  setTimes(hasTimes: boolean): void;
  readonly isWrapped: boolean;
  setWrapped(isWrapped: boolean): void;
  readonly isAtEnd: boolean;
  setAtEnd(isAtEnd: boolean): void;
  /** The line that was gone to last. */
  readonly current: number | undefined;
  goTo(place: number): void;
  /** Whether a group is closed. */
  readonly hasClosed: boolean;
  toggleAll(): void;
}

/** What can be done with a log: search, choose, download. */
export function LogBar(props: LogBarProps) {
  const { lines, shown, setShown, hasTimes, setTimes, isWrapped, setWrapped, isAtEnd, setAtEnd } = props;
  const last = useLastAsked(lines);
  const goToError = async (): Promise<void> => {
    const isLast = last();
    const place = await placeOfError(lines);
    if (place !== undefined && isLast()) props.goTo(place);
  };
  const download = async (): Promise<void> => save(await textOf(lines), `execution-${props.execution}.log`);
  return (
    <div class="log-summary">
      <span>{lines.count + lines.dropped} lines</span>
      {lines.dropped > 0 && <span>(the first {lines.dropped} are not shown)</span>}
      <Search {...props} />
      <select
        aria-label="Stream"
        value={shown}
        onChange={(event) => setShown(STREAMS.find((one) => one === event.currentTarget.value) ?? 'all')}
      >
        {STREAMS.map((one) => (
          <option key={one} value={one}>
            {one === 'all' ? 'both streams' : one}
          </option>
        ))}
      </select>
      <label>
        <input type="checkbox" checked={hasTimes} onChange={(event) => setTimes(event.currentTarget.checked)} /> times
        (UTC)
      </label>
      <label>
        <input type="checkbox" checked={isWrapped} onChange={(event) => setWrapped(event.currentTarget.checked)} /> wrap
      </label>
      <label>
        <input type="checkbox" checked={isAtEnd} onChange={(event) => setAtEnd(event.currentTarget.checked)} /> stay at
        the end
      </label>
      {lines.groups.length > 0 && (
        <button type="button" class="small" onClick={props.toggleAll}>
          {props.hasClosed ? 'Open all groups' : 'Close all groups'}
        </button>
      )}
      <button type="button" class="small" onClick={goToError}>
        First error
      </button>
      <button type="button" class="small" onClick={download}>
        Download
      </button>
    </div>
  );
}

/** Looks through all lines, those that are not in the document too. */
function Search({ lines, current, goTo }: Pick<LogBarProps, 'lines' | 'current' | 'goTo'>) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<string>('');
  const last = useLastAsked(lines);
  const find = async (step: 1 | -1): Promise<void> => {
    const isLast = last();
    const places = await placesWith(lines, text);
    if (!isLast()) return;
    const at = nextOf(places, current, step);
    const place = places[at];
    if (place === undefined) setFound(text === '' ? '' : 'not found');
    else {
      setFound(`${at + 1} of ${places.length}`);
      goTo(place);
    }
  };
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        void find(1);
      }}
    >
      <input
        type="search"
        aria-label="Search the log"
        placeholder="Search"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !event.shiftKey) return;
          event.preventDefault();
          void find(-1);
        }}
      />
      <button type="submit" class="small">
        Next
      </button>
      <button type="button" class="small" onClick={() => find(-1)}>
        Previous
      </button>
      <span role="status">{found}</span>
    </form>
  );
}

/** Makes a function that tells whether nothing else was asked for since, nor another log: only the last answer counts. */
function useLastAsked(lines: LogLines): () => () => boolean {
  const asked = useRef(0);
  useEffect(() => () => void asked.current++, [lines]);
  return () => {
    const own = ++asked.current;
    return () => own === asked.current;
  };
}

/** The index of the place in the log that comes behind or before the current one; behind the last place comes the first. */
function nextOf(places: readonly number[], current: number | undefined, step: 1 | -1): number {
  if (current === undefined) return step === 1 ? 0 : places.length - 1;
  const next = step === 1 ? places.findIndex((one) => one > current) : places.findLastIndex((one) => one < current);
  if (next >= 0) return next;
  return step === 1 ? 0 : places.length - 1;
}
