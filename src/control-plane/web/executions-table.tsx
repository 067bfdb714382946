import { useLack } from './account.tsx';
import type { Listed } from './api.ts';
import { describeDuration } from './durations.ts';
import { Status } from './parts.tsx';
import { changeQuery } from './route.ts';
import type { Selecting } from './selection.tsx';

/** A row of the list of executions. */
export interface Row {
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

/** Tells whether a list is in the order of its age, the newest first, as the API lists it. */
export function isByAge(query: URLSearchParams): boolean {
  const sort = query.get('sort') ?? '-id';
  return sort === '-id' || sort === '-age' || !COLUMNS.some(([name]) => sort === name || sort === `-${name}`);
}

function orderOf(query: URLSearchParams): readonly [name: string, isUp: boolean] {
  const given = query.get('sort') ?? '-id';
  return given.startsWith('-') ? [given.slice(1), false] : [given, true];
}

/** The rows in the order that the address asks for; where two are the same, the newest comes first. */
export function sorted(rows: readonly Row[], query: URLSearchParams): readonly Row[] {
  const [name, isUp] = orderOf(query);
  const order = COLUMNS.find(([one]) => one === name)?.[2];
  if (!order || name === 'id') return isUp ? rows.toReversed() : rows;
  const compare = (a: Row, b: Row): number => {
    const [x, y] = [order(a), order(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  return rows.toSorted((a, b) => (isUp ? compare(a, b) : compare(b, a)) || b.one.id - a.one.id);
}

export function Head({ query, selection }: { readonly query: URLSearchParams; readonly selection: Selecting }) {
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
              title="Sort by this"
              onClick={() =>
                changeQuery(query, { sort: by === name && !isUp ? name : `-${name}`, before: '', skip: '' })
              }
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

export function TableRow({
  row,
  now,
  selection,
}: {
  readonly row: Row;
  readonly now: number;
  readonly selection: Selecting;
}) {
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
