import { changeQuery } from './route.ts';
import type { useSortedList } from './sorted-list.ts';

/** So many of a list that is sorted are shown at once. */
export const SHOWN = 50;

/** How many of a list that is sorted come before those that are shown. */
export function skippedIn(query: URLSearchParams, count: number): number {
  const asked = Number(query.get('skip'));
  return Number.isSafeInteger(asked) && asked > 0 && asked < count ? asked - (asked % SHOWN) : 0;
}

/** Says what was sorted, and which part of it is shown. */
export function Sorted({
  rows,
  hasMore,
  skipped,
  shown,
}: Omit<ReturnType<typeof useSortedList>, 'loaded'> & { readonly skipped: number; readonly shown: number }) {
  if (!rows || rows.length === 0) return null;
  const count = rows.length.toLocaleString('en');
  const what = hasMore ? `the newest ${count}, which were sorted: there are more` : `all ${count}, sorted`;
  return (
    <p class="sorted">
      {skipped + 1} to {skipped + shown} of {what}
    </p>
  );
}

interface PartsProps {
  readonly query: URLSearchParams;
  readonly skipped: number;
  readonly count: number;
}

export function Parts({ query, skipped, count }: PartsProps) {
  const go = (to: number): void => changeQuery(query, { skip: to === 0 ? '' : String(to) });
  return (
    <div class="actions">
      {skipped > 0 && (
        <button type="button" onClick={() => go(skipped - SHOWN)}>
          Previous {SHOWN}
        </button>
      )}
      {skipped + SHOWN < count && (
        <button type="button" onClick={() => go(skipped + SHOWN)}>
          Next {SHOWN}
        </button>
      )}
    </div>
  );
}
