import { useRef } from 'preact/hooks';
import { leftOnWorker, stateOfWorker } from '#domain/worker.ts';
import type { Worker } from '#wire/workers.ts';
import { Lack, useLack } from './account.tsx';
import { cordon } from './api.ts';
import { describeDuration } from './durations.ts';
import { useActing, useLive } from './hooks.ts';
import { Heading, Live, MoreOf, Status, Trouble } from './parts.tsx';

export function WorkersPage() {
  const workers = useLive('workers');
  return (
    <>
      <Heading>Workers</Heading>
      <Lack why={useLack('admin')} />
      <Live of={workers}>
        {workers.value?.workers.length === 0 && (
          <p>
            There are none. The command <code>attune-agent</code> starts one where this database and broker are reached.
          </p>
        )}
        <div class="cards">
          {workers.value?.workers.map((one) => (
            <WorkerCard key={one.id} worker={one} />
          ))}
        </div>
        <MoreOf list={workers.value} shown={workers.value?.workers.length ?? 0} verb="workers list" />
      </Live>
    </>
  );
}

function WorkerCard({ worker: one }: { readonly worker: Worker }) {
  const labels = Object.entries(one.labels).map(([name, value]) => `${name}=${value}`);
  const taints = one.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`);
  return (
    <section class="card">
      <h2>
        <a href={`#/workers/${one.id}`}>{one.name}</a>
      </h2>
      <p>
        <Status status={stateOfWorker(one)} /> {one.assigned} of {one.max_concurrent_executions} slots in use, on{' '}
        {one.host}
        <Left worker={one} />
      </p>
      <meter
        min={0}
        max={Math.max(1, one.max_concurrent_executions)}
        value={one.assigned}
        aria-label={`Slots in use of ${one.name}`}
      />
      <p class="lack">
        {one.agent_version != null && `Agent ${one.agent_version}, `}
        {one.silent_ms == null ? 'never heard of' : `heard of ${describeDuration(one.silent_ms)} ago`}
      </p>
      {one.cordon_reason && <p>{one.cordon_reason}</p>}
      {one.paused != null && <p>{one.paused}</p>}
      <ul class="tags">
        {one.runtimes.map((name) => (
          <li key={name}>
            {name} {(one.runtime_versions[name] ?? []).join(', ')}
          </li>
        ))}
      </ul>
      {labels.length > 0 && <p>Labels: {labels.join(', ')}</p>}
      {taints.length > 0 && <p>Taints: {taints.join(', ')}</p>}
      <Cordon worker={one} />
    </section>
  );
}

/** What is left on a worker that gets nothing new. */
export function Left({ worker }: { readonly worker: Worker }) {
  const left = leftOnWorker(worker);
  return left === undefined ? null : <span>, {left}</span>;
}

/** As many letters as the server takes. */
const MOST_REASON = 1000;

/** Cordons a worker, or lifts its cordon, and leads to what it has run. */
export function Cordon({ worker: one }: { readonly worker: Worker }) {
  const { act, isBusy, problem } = useActing();
  const lack = useLack('admin');
  const common = { type: 'button', class: 'small', title: lack, disabled: isBusy || lack !== undefined } as const;
  const reason = useRef<HTMLInputElement>(null);
  return (
    <>
      <Trouble problem={problem} />
      <p class="actions">
        {one.cordoned ? (
          <button {...common} onClick={act(() => cordon(one.id, undefined))}>
            Uncordon
          </button>
        ) : (
          <>
            <button {...common} onClick={act(() => cordon(one.id, reason.current?.value.trim() || 'by the page'))}>
              Cordon
            </button>
            {lack === undefined && (
              <input
                ref={reason}
                class="reason"
                placeholder="Reason"
                aria-label={`Reason for the cordon of ${one.name}`}
                maxLength={MOST_REASON}
                autocomplete="off"
              />
            )}
          </>
        )}
        <a href={`#/executions?worker=${one.id}`}>Its executions</a>
      </p>
    </>
  );
}

export function RuntimesPage() {
  const runtimes = useLive('runtimes');
  return (
    <>
      <Heading>Runtimes</Heading>
      <Live of={runtimes}>
        {runtimes.value?.runtimes.length === 0 && <p>There are none. Workers tell what they find when they start.</p>}
        <div class="cards">
          {runtimes.value?.runtimes.map((one) => (
            <section key={one.name} class="card">
              <h2>{one.name}</h2>
              <ul>
                {one.versions.map(({ version, workers }) => (
                  <li key={version}>
                    {version} on {workers.join(', ')}
                  </li>
                ))}
              </ul>
              {one.versions.length === 0 && <p>on {one.workers.join(', ')}</p>}
            </section>
          ))}
        </div>
        {runtimes.value?.is_complete === false && (
          <p class="lack">There are so many names of runtimes, versions and workers that some are left out.</p>
        )}
      </Live>
    </>
  );
}
