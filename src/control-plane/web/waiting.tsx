import { stateOfWorker } from '#domain/worker.ts';
import type { Execution } from '#wire/executions.ts';
import type { Action } from '#wire/packs.ts';
import type { Worker } from '#wire/workers.ts';
import { useLive } from './hooks.ts';

const RELOAD_MS = 30_000;

/** Why an execution has not begun: what each worker lacks that it could run it. */
export function Waiting({ execution }: { readonly execution: Execution }) {
  const workers = useLive('workers').value?.workers;
  const action = useLive('actions', RELOAD_MS).value?.actions.find((one) => one.ref === execution.action_ref);
  if (!workers) return null;
  const told = workers.map((one) => ({ one, lacks: lacksOf(one, action) }));
  const nearest = told.toSorted((a, b) => a.lacks.length - b.lacks.length).slice(0, MOST_SHOWN);
  const free = told.filter(({ lacks }) => lacks.length === 0).length;
  return (
    <section class="waiting" aria-label="Why it waits">
      <p>
        <strong>Why it waits: </strong>
        {sentenceOf(execution, workers.length, free)}
      </p>
      <ul>
        {nearest.map(({ one, lacks }) => (
          <li key={one.id}>
            <strong>{one.name}</strong> {lacks.length === 0 ? 'has room' : lacks.join(', ')}
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST_SHOWN = 5;

function sentenceOf({ status, retry_count: retries }: Execution, workers: number, free: number): string {
  if (status === 'scheduled') return 'a worker was chosen, and has not begun yet.';
  if (workers === 0) return 'there is no worker at all.';
  if (free === 0) return 'no worker can take it now. The nearest:';
  if (retries > 0) return 'it is tried again after a pause.';
  return 'a worker has room. If it goes on waiting, its version, labels or taints are not what the action asks for.';
}

function lacksOf(worker: Worker, action: Action | undefined): readonly string[] {
  const state = stateOfWorker(worker);
  const all = [
    state !== 'alive' && `is ${state}`,
    worker.cordoned && `cordoned: ${worker.cordon_reason ?? ''}`,
    worker.paused != null && `takes nothing for now: ${worker.paused}`,
    lackOfRuntime(worker, action),
    worker.assigned >= worker.max_concurrent_executions &&
      `is full (${worker.assigned} of ${worker.max_concurrent_executions} slots)`,
  ];
  return all.filter((one) => typeof one === 'string');
}

function lackOfRuntime(worker: Worker, action: Action | undefined): string | undefined {
  if (action?.runtime == null) return undefined;
  const { runtime, runtime_version: version } = action;
  if (!worker.runtimes.includes(runtime)) return `has no ${runtime} (it has ${worker.runtimes.join(', ') || 'none'})`;
  const versions = worker.runtime_versions[runtime] ?? [];
  return version === null ? undefined : `asked for ${runtime} ${version}, has ${versions.join(', ') || 'none'}`;
}
