import { type Dispatch, type StateUpdater, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { type Listed, newKey, post } from './api.ts';

export interface Selecting {
  readonly ids: ReadonlySet<number>;
  readonly isWhole: boolean;
  toggle(id: number): void;
  toggleAll(): void;
  clear(): void;
}

/** The executions of the list that are selected: an execution that is not shown any more is not selected either. */
export function selectionOf(
  shown: readonly Listed[],
  selected: ReadonlySet<number>,
  setSelected: Dispatch<StateUpdater<ReadonlySet<number>>>,
): Selecting {
  const ids = new Set(shown.map((one) => one.id).filter((id) => selected.has(id)));
  const isWhole = shown.length > 0 && ids.size === shown.length;
  return {
    ids,
    isWhole,
    toggle: (id) => setSelected(ids.has(id) ? ids.difference(new Set([id])) : new Set([...ids, id])),
    toggleAll: () => setSelected(isWhole ? new Set() : new Set(shown.map((one) => one.id))),
    clear: () => setSelected(new Set()),
  };
}

interface Outcome {
  readonly done: string;
  readonly problems: readonly string[];
}

/** What can be done with all that are selected. Says how it went for each. */
export function Selection({ ids, clear }: Pick<Selecting, 'ids' | 'clear'>) {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const act = (verb: 'cancel' | 'rerun', words: string) => async () => {
    setBusy(true);
    const problems: string[] = [];
    for (const id of ids)
      await post(`executions/${id}/${verb}`, verb === 'rerun' ? { key: newKey() } : {}).catch((error: unknown) =>
        problems.push(`${id}: ${messageOf(error)}`),
      );
    setOutcome({ done: `${words}: ${ids.size - problems.length} of ${ids.size}`, problems });
    clear();
    setBusy(false);
  };
  if (ids.size === 0)
    return (
      <p class="empty" role="status">
        {outcome && [outcome.done, ...outcome.problems].join(' · ')}
      </p>
    );
  return (
    <p class="actions selection">
      <span>{ids.size} selected</span>
      <button type="button" disabled={isBusy} onClick={act('cancel', 'Cancel asked for')}>
        Cancel them
      </button>
      <button type="button" disabled={isBusy} onClick={act('rerun', 'Run again')}>
        Run them again
      </button>
      <button type="button" disabled={isBusy} onClick={clear}>
        Select none
      </button>
    </p>
  );
}
