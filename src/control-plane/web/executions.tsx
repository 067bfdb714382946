import { useEffect, useState } from 'preact/hooks';
import { isFinal } from '#domain/execution-status.ts';
import { queuedMs, ranMs } from './durations.ts';
import { Head, isByAge, sorted, TableRow } from './executions-table.tsx';
import { Filters, queryOf } from './filters.tsx';
import { useHeldList } from './held-list.ts';
import { Heading, Live } from './parts.tsx';
import { useReading } from './reading.ts';
import { changeQuery } from './route.ts';
import { Selection, selectionOf } from './selection.tsx';
import { useSortedList } from './sorted-list.ts';
import { Parts, SHOWN, Sorted, skippedIn } from './sorted-parts.tsx';
import { Trends } from './trend.tsx';

/** The list as its address says: which executions, in which order, and from which one on. */
export function ExecutionsPage({ query }: { readonly query: URLSearchParams }) {
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const reading = useReading();
  const name = nameOf(query);
  useEffect(() => setSelected(new Set()), [name]);
  const isRead = reading.isReading || selected.size > 0;
  const now = useNow();
  const list = useRows(query, { name, isRead, now });
  const { rows, whole, skipped } = list;
  const selection = selectionOf(
    rows.map(({ one }) => one),
    selected,
    setSelected,
  );
  return (
    <>
      <Heading>Executions</Heading>
      <Trends />
      <Filters query={query} />
      <Live of={list.loaded}>
        <div ref={reading.top}>
          <Selection {...selection} />
        </div>
        <Sorted {...whole} skipped={skipped} shown={rows.length} />
        <Fresh {...list} />
        {list.isThere && rows.length === 0 && (
          <p>
            {list.next === null ? 'There are none. ' : 'None was found so far: search on with Older. '}
            <a href="#/submit">Submit one.</a>
          </p>
        )}
        {rows.length > 0 && (
          <table class="dense">
            <Head query={query} selection={selection} />
            <tbody {...reading.handlers}>
              {rows.map((row) => (
                <TableRow key={row.one.id} row={row} now={now} selection={selection} />
              ))}
            </tbody>
          </table>
        )}
        <Pages query={query} next={list.next} />
        <Parts query={query} skipped={skipped} count={whole.rows?.length ?? 0} />
      </Live>
    </>
  );
}

interface Reader {
  readonly name: string;
  readonly isRead: boolean;
  readonly now: number;
}

/** The rows that are shown: a page of the newest, or where another order is asked for, a part of many that were sorted. */
function useRows(query: URLSearchParams, { name, isRead, now }: Reader) {
  const isSorted = !isByAge(query);
  const asked = queryOf(query);
  const { cursor: _, ...whatever } = asked;
  const held = useHeldList(name, isSorted ? undefined : asked, isRead);
  const whole = useSortedList(isSorted ? whatever : undefined, isRead);
  const skipped = skippedIn(query, whole.rows?.length ?? 0);
  const listed = whole.rows?.map((one) => ({ one, isGone: false })) ?? held.rows ?? [];
  const all = sorted(
    listed.map(({ one, isGone }) => ({
      one,
      isGone,
      queued: queuedMs(one, now, isFinal(one.status)),
      ran: ranMs(one, now, isFinal(one.status)),
    })),
    query,
  );
  return {
    ...held,
    ...(isSorted && { loaded: whole.loaded, next: null, fresh: 0 }),
    whole,
    skipped,
    isThere: (isSorted ? whole.rows : held.rows) !== undefined,
    rows: whole.rows ? all.slice(skipped, skipped + SHOWN) : all,
  };
}

/** What decides which executions are listed: their order does not. */
function nameOf(query: URLSearchParams): string {
  const named = new URLSearchParams(query);
  named.delete('sort');
  named.delete('skip');
  return String(named);
}

/** A button that shows what has come since the list is read. It lies over the table, and moves nothing. */
function Fresh({
  fresh,
  hasMoreFresh,
  release,
}: Pick<ReturnType<typeof useHeldList>, 'fresh' | 'hasMoreFresh' | 'release'>) {
  const show = (): void => {
    release();
    scrollTo(0, 0);
  };
  return (
    <p class="fresh" role="status">
      {fresh > 0 && (
        <button type="button" class="primary small" onClick={show}>
          {fresh}
          {hasMoreFresh && '+'} new
        </button>
      )}
    </p>
  );
}

function Pages({ query, next }: { readonly query: URLSearchParams; readonly next: string | null }) {
  return (
    <div class="actions">
      {query.has('before') && (
        <button type="button" onClick={() => changeQuery(query, { before: '' })}>
          Newest
        </button>
      )}
      {next !== null && (
        <button type="button" onClick={() => changeQuery(query, { before: next })}>
          Older
        </button>
      )}
    </div>
  );
}

const TICK_MS = 1000;

/** The time, for durations that grow while they are watched. */
function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
