import type { TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ACTIVE_STATUSES, EXECUTION_STATUSES, RETRYABLE_STATUSES } from '#domain/execution-status.ts';
import { useLive } from './hooks.ts';
import { changeQuery } from './route.ts';

const SHOWN = { all: '', active: ACTIVE_STATUSES.join(), failed: RETRYABLE_STATUSES.join() } as const;
const HOUR_MS = 3_600_000;
/** Times back from now, by the words that stand for them in the address. */
const SINCE = {
  '15m': HOUR_MS / 4,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 168 * HOUR_MS,
} as const;
const RELOAD_MS = 30_000;

/** The query of the API for the query of the page's address. What the address says wrongly is left out. */
export function queryOf(query: URLSearchParams, now = Date.now()): Readonly<Record<string, string>> {
  const shown = query.get('show') ?? '';
  const since = query.get('since') ?? '';
  const own = query.get('status') ?? '';
  const status = EXECUTION_STATUSES.some((one) => one === own)
    ? own
    : Object.hasOwn(SHOWN, shown)
      ? SHOWN[shown as keyof typeof SHOWN]
      : '';
  /* To the minute: with each second the list would be another one, and none would be known to be the same. */
  const from = Object.hasOwn(SINCE, since) ? now - SINCE[since as keyof typeof SINCE] : undefined;
  const given = {
    status,
    action_ref: query.get('action'),
    pack_ref: query.get('pack'),
    worker: /^\d+$/.test(query.get('worker') ?? '') ? query.get('worker') : null,
    requested_by: query.get('requester'),
    q: query.get('q'),
    created_after: from === undefined ? instantOf(query.get('from')) : new Date(from - (from % 60_000)).toISOString(),
    created_before: instantOf(query.get('to')),
    cursor: query.get('before'),
  };
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function instantOf(text: string | null): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The filters of the list, each of which is in the address. */
export function Filters({ query }: { readonly query: URLSearchParams }) {
  const actions = useLive('actions', RELOAD_MS).value?.actions ?? [];
  const workers = useLive('workers', RELOAD_MS).value?.workers ?? [];
  const packs = [...new Set(actions.map((one) => one.pack_ref))];
  const set = (name: string) => (value: string) => changeQuery(query, { [name]: value, before: '', skip: '' });
  const choice = (name: string) => ({ value: query.get(name) ?? '', onPick: set(name) });
  const shown = query.get('show') ?? 'all';
  const isWide = matchMedia('(min-width: 48rem)').matches;
  return (
    <div class="filters">
      <fieldset class="choice">
        <legend>Show</legend>
        {Object.keys(SHOWN).map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="filter"
              checked={name === shown && !query.has('status')}
              onChange={() =>
                changeQuery(query, { show: name === 'all' ? '' : name, status: '', before: '', skip: '' })
              }
            />{' '}
            {name}
          </label>
        ))}
      </fieldset>
      <details open={isWide || [...query.keys()].some((one) => !['sort', 'skip', 'show'].includes(one))}>
        <summary>Filters</summary>
        <div class="filters">
          <Text label="Search" {...choice('q')} />
          <Pick label="Status" {...choice('status')} options={EXECUTION_STATUSES.map((one) => [one, one])} />
          <Pick label="Pack" {...choice('pack')} options={packs.map((one) => [one, one])} />
          <Pick label="Action" {...choice('action')} options={actions.map(({ ref }) => [ref, ref])} />
          <Pick label="Worker" {...choice('worker')} options={workers.map(({ id, name }) => [String(id), name])} />
          <Pick label="Since" {...choice('since')} options={Object.keys(SINCE).map((one) => [one, `last ${one}`])} />
          <Text label="Requested by" {...choice('requester')} />
          <Moment label="From" {...choice('from')} />
          <Moment label="To" {...choice('to')} />
        </div>
      </details>
      {[...query.keys()].some((one) => one !== 'sort' && one !== 'skip') && (
        <a class="clear" href="#/executions">
          Clear
        </a>
      )}
    </div>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: string;
  onPick(value: string): void;
}

function Pick({
  label,
  value,
  options,
  onPick,
}: FilterProps & { readonly options: readonly (readonly [string, string])[] }) {
  const isKnown = value === '' || options.some(([one]) => one === value);
  return (
    <label>
      <span>{label}</span>
      <select aria-label={label} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        <option value="">any</option>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Text({ label, value, onPick }: FilterProps) {
  const field = useWritten(value, onPick);
  return (
    <label>
      <span>{label}</span>
      <input type="search" {...field} />
    </label>
  );
}

function Moment({ label, value, onPick }: FilterProps) {
  const field = useWritten(value, onPick);
  return (
    <label>
      <span>{label}</span>
      <input type="datetime-local" {...field} />
    </label>
  );
}

/** The properties of a field whose text is kept while it is written: the page is drawn again each second. */
export function useWritten(value: string, onPick: (value: string) => void) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return {
    value: text,
    onInput: (event: TargetedEvent<HTMLInputElement>) => setText(event.currentTarget.value),
    onChange: (event: TargetedEvent<HTMLInputElement>) => onPick(event.currentTarget.value.trim()),
  };
}
