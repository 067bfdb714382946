import { useEffect, useState } from 'preact/hooks';
import { isFinal } from '#domain/execution-status.ts';
import { useLack } from './account.tsx';
import type { Listed } from './api.ts';
import { describeDuration, queuedMs, ranMs } from './durations.ts';
import { Filters, queryOf } from './filters.tsx';
import { useHeldList } from './held-list.ts';
import { Heading, Live, Status } from './parts.tsx';
import { useReading } from './reading.ts';
import { changeQuery } from './route.ts';
import { type Selecting, Selection, selectionOf } from './selection.tsx';
import { Trends } from './trend.tsx';

interface Row {
  readonly one: Listed;
  /** Whether it is shown only because the list is read. */
  readonly isGone: boolean;
  readonly queued: number | undefined;
  readonly ran: number | undefined;
}

type Column = readonly [name: string, title: string, order?: (row: Row) => string | number];

const COLUMNS: readonly Column[] = [
  ['id', 'Id', ({ one }) => one.id],
  ['action', 'Action', ({ one }) => one.action_ref],
  ['status', 'Status', ({ one }) => one.status],
  ['duration', 'Duration', ({ ran }) => ran ?? -1],
  ['queued', 'Queued for', ({ queued }) => queued ?? -1],
  ['worker', 'Worker', ({ one }) => one.worker_name ?? ''],
  ['requester', 'Requested by', ({ one }) => one.requested_by ?? ''],
  ['age', 'Age', ({ one }) => Date.parse(one.created)],
];

/** The list as its address says: which executions, in which order, and from which one on. */
export function ExecutionsPage({ query }: { readonly query: URLSearchParams }) {
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const reading = useReading();
  const name = nameOf(query);
  useEffect(() => setSelected(new Set()), [name]);
  const list = useHeldList(name, queryOf(query), reading.isReading || selected.size > 0);
  const { rows: held = [], next } = list;
  const now = useNow();
  const selection = selectionOf(
    held.map(({ one }) => one),
    selected,
    setSelected,
  );
  const rows = sorted(
    held.map(({ one, isGone }) => ({
      one,
      isGone,
      queued: queuedMs(one, now, isFinal(one.status)),
      ran: ranMs(one, now, isFinal(one.status)),
    })),
    query,
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
        <Fresh {...list} />
        {list.rows && rows.length === 0 && (
          <p>
            {next === null ? 'There are none. ' : 'None was found so far: search on with Older. '}
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
        <Pages query={query} next={next} />
      </Live>
    </>
  );
}

/** What decides which executions are listed: their order does not. */
function nameOf(query: URLSearchParams): string {
  const named = new URLSearchParams(query);
  named.delete('sort');
  return String(named);
}

/** A button that shows what has come since the list is read. It lies over the table, and moves nothing. */
function Fresh({ fresh, hasMoreFresh, release }: ReturnType<typeof useHeldList>) {
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

function Head({ query, selection }: { readonly query: URLSearchParams; readonly selection: Selecting }) {
  const [by, isUp] = orderOf(query);
  const lack = useLack('submit');
  return (
    <thead>
      <tr>
        <th class="check">
          <input
            type="checkbox"
            aria-label="Select all that are shown"
            disabled={lack !== undefined}
            checked={selection.isWhole}
            onChange={selection.toggleAll}
          />
        </th>
        {COLUMNS.map(([name, title]) => (
          <th
            key={name}
            class={name}
            scope="col"
            aria-sort={by === name ? (isUp ? 'ascending' : 'descending') : 'none'}
          >
            <button
              type="button"
              title="Sort what is shown"
              onClick={() => changeQuery(query, { sort: by === name && !isUp ? name : `-${name}` })}
            >
              {title}
              <span aria-hidden="true">{by === name ? (isUp ? ' ▲' : ' ▼') : ''}</span>
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function TableRow({ row, now, selection }: { readonly row: Row; readonly now: number; readonly selection: Selecting }) {
  const { one, isGone, queued, ran } = row;
  const lack = useLack('submit');
  const duration = (ms: number | undefined): string => (ms === undefined ? '–' : describeDuration(ms));
  return (
    <tr class={isGone ? 'gone' : undefined} title={isGone ? 'The list is without it by now' : undefined}>
      <td class="check">
        <input
          type="checkbox"
          aria-label={`Select execution ${one.id}`}
          disabled={lack !== undefined}
          checked={selection.ids.has(one.id)}
          onChange={() => selection.toggle(one.id)}
        />
      </td>
      <td class="id">
        <a href={`#/executions/${one.id}`}>{one.id}</a>
      </td>
      <td class="action" title={one.action_ref}>
        <a href={`#/executions/${one.id}`} tabIndex={-1}>
          {one.action_ref}
        </a>
      </td>
      <td class="status-of">
        <Status status={one.status} />
      </td>
      <td class="duration">{duration(ran)}</td>
      <td class="queued">{duration(queued)}</td>
      <td class="worker">{one.worker_name ?? '–'}</td>
      <td class="requester">
        {one.parent == null ? (one.requested_by ?? '–') : <a href={`#/executions/${one.parent}`}>{one.requested_by}</a>}
      </td>
      <td class="age">
        <time dateTime={one.created} title={new Date(one.created).toLocaleString()}>
          {describeDuration(now - Date.parse(one.created))}
        </time>
      </td>
    </tr>
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

function orderOf(query: URLSearchParams): readonly [name: string, isUp: boolean] {
  const given = query.get('sort') ?? '-id';
  return given.startsWith('-') ? [given.slice(1), false] : [given, true];
}

/** The rows of the page in the order that the address asks for; where two are the same, the newest comes first. */
function sorted(rows: readonly Row[], query: URLSearchParams): readonly Row[] {
  const [name, isUp] = orderOf(query);
  const order = COLUMNS.find(([one]) => one === name)?.[2];
  if (!order || name === 'id') return isUp ? rows.toReversed() : rows;
  const compare = (a: Row, b: Row): number => {
    const [x, y] = [order(a), order(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  return rows.toSorted((a, b) => (isUp ? compare(a, b) : compare(b, a)) || b.one.id - a.one.id);
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
