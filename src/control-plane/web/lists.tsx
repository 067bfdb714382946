import { ACTIVE_STATUSES, RETRYABLE_STATUSES } from '#domain/execution-status.ts';
import { stateOfWorker } from '#domain/worker.ts';
import { listPath } from './api.ts';
import { useLive } from './hooks.ts';
import { Heading, Live, Status, Time } from './parts.tsx';
import { changeQuery } from './route.ts';

const FILTERS = {
  all: '',
  active: ACTIVE_STATUSES.join(),
  failed: RETRYABLE_STATUSES.join(),
} as const;

type Filter = keyof typeof FILTERS;

/** The list as its address says: which executions, and from which one on. */
export function ExecutionsPage({ query }: { readonly query: URLSearchParams }) {
  const shown = query.get('show') ?? 'all';
  const filter = Object.hasOwn(FILTERS, shown) ? (shown as Filter) : 'all';
  const cursor = query.get('before') ?? '';
  const page = useLive(
    listPath({ limit: '50', ...(filter !== 'all' && { status: FILTERS[filter] }), ...(cursor !== '' && { cursor }) }),
  );
  const { value } = page;
  return (
    <>
      <Heading>Executions</Heading>
      <fieldset class="choice">
        <legend>Show</legend>
        {Object.keys(FILTERS).map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="filter"
              checked={name === filter}
              onChange={() => changeQuery(query, { show: name === 'all' ? '' : name, before: '' })}
            />{' '}
            {name}
          </label>
        ))}
      </fieldset>
      <Live of={page}>
        {value?.executions.length === 0 && (
          <p>
            There are none. <a href="#/submit">Submit one.</a>
          </p>
        )}
        <ul class="rows">
          {value?.executions.map((one) => (
            <li key={one.id}>
              <a href={`#/executions/${one.id}`}>
                <span class="id">{one.id}</span>
                <span class="name">{one.action_ref}</span>
                <Status status={one.status} />
                <Time at={one.created} />
              </a>
            </li>
          ))}
        </ul>
        <div class="actions">
          {cursor !== '' && (
            <button type="button" onClick={() => changeQuery(query, { before: '' })}>
              Newest
            </button>
          )}
          {value?.next_cursor != null && (
            <button type="button" onClick={() => changeQuery(query, { before: value.next_cursor ?? '' })}>
              Older
            </button>
          )}
        </div>
      </Live>
    </>
  );
}

export function WorkersPage() {
  const workers = useLive('workers');
  return (
    <>
      <Heading>Workers</Heading>
      <Live of={workers}>
        <div class="cards">
          {workers.value?.workers.map((one) => (
            <section key={one.id} class="card">
              <h2>{one.name}</h2>
              <p>
                <Status status={stateOfWorker(one)} /> {one.assigned} of {one.max_concurrent_executions} slots in use,
                on {one.host}
              </p>
              {one.cordon_reason && <p>{one.cordon_reason}</p>}
              <ul class="tags">
                {one.runtimes.map((name) => (
                  <li key={name}>
                    {name} {(one.runtime_versions[name] ?? []).join(', ')}
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </Live>
    </>
  );
}

export function RuntimesPage() {
  const runtimes = useLive('runtimes');
  return (
    <>
      <Heading>Runtimes</Heading>
      <Live of={runtimes}>
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
      </Live>
    </>
  );
}
