import { stateOfWorker } from '#domain/worker.ts';
import { useLive } from './hooks.ts';
import { Heading, Live, Status } from './parts.tsx';

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
