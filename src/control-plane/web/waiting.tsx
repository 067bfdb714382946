import type { Execution } from '#wire/executions.ts';
import type { Placement } from '#wire/placement.ts';
import { useLive } from './hooks.ts';

/** Why an execution has not begun: what each of the nearest workers lacks that it could run it. */
export function Waiting({ execution }: { readonly execution: Execution }) {
  const placement = useLive(`executions/${execution.id}/placement`).value;
  if (!placement) return null;
  return (
    <section class="waiting" aria-label="Why it waits">
      <p>
        <strong>Why it waits: </strong>
        {sentenceOf(execution, placement)}
      </p>
      <Workers of={placement} />
    </section>
  );
}

/** The workers that are nearest to what is asked for, with all that each of them misses. */
export function Workers({ of: { workers } }: { readonly of: Placement }) {
  return (
    <ul>
      {workers.slice(0, MOST_SHOWN).map(({ id, name, misses, busy }) => (
        <li key={id}>
          <a href={`#/workers/${id}`}>{name}</a> {misses.length > 0 ? misses.join('; ') : (busy ?? 'has room')}
        </li>
      ))}
      {workers.length > MOST_SHOWN && <li>and {workers.length - MOST_SHOWN} more</li>}
    </ul>
  );
}

const MOST_SHOWN = 5;

function sentenceOf({ status, retry_count: retries }: Execution, { problem, able, free, workers }: Placement): string {
  if (problem !== null) return problem;
  if (status === 'scheduled') return 'a worker was chosen, and has not begun yet.';
  if (workers.length === 0) return 'there is no worker at all.';
  if (able === 0) return 'no worker can run it. The nearest, and what each of them misses:';
  if (free === 0) return `${able === 1 ? 'the one worker' : `all ${able} workers`} that can run it take nothing now:`;
  if (retries > 0) return 'it is tried again after a pause.';
  return 'a worker has room, and is about to get it, or others of a higher priority come first.';
}
