import { isFinal } from '#domain/execution-status.ts';
import { stateOfWorker } from '#domain/worker.ts';
import type { Worker } from '#wire/workers.ts';
import { listPath } from './api.ts';
import { describeDuration, ranMs } from './durations.ts';
import { useLive } from './hooks.ts';
import { Ago, Heading, Live, Status } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { Cordon, Left } from './workers.tsx';

/** One worker: what it is and offers, and what it has run lately. */
export function WorkerPage({ id }: { readonly id: number }) {
  const worker = useLive(`workers/${id}`);
  return (
    <>
      <Heading>{worker.value === undefined ? `Worker ${id}` : `Worker ${worker.value.name}`}</Heading>
      <Live of={worker}>{worker.value && <About worker={worker.value} />}</Live>
      <History of={id} />
    </>
  );
}

function About({ worker: one }: { readonly worker: Worker }) {
  const facts: Readonly<Record<string, string>> = {
    Host: one.host || 'unknown',
    Agent: one.agent_version ?? 'unknown',
    'Last heard of': one.silent_ms == null ? 'never' : `${describeDuration(one.silent_ms)} ago`,
    'Slots in use': `${one.assigned} of ${one.max_concurrent_executions}`,
    Runtimes: one.runtimes.map((name) => [name, ...(one.runtime_versions[name] ?? [])].join(' ')).join(', ') || 'none',
    Labels:
      Object.entries(one.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || 'none',
    Taints: one.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`).join(', ') || 'none',
  };
  return (
    <>
      <p>
        <Status status={stateOfWorker(one)} />
        <Left worker={one} />
        {one.cordoned && `, cordoned: ${one.cordon_reason || 'without a reason'}`}
        {one.paused != null && `, takes nothing for now: ${one.paused}`}
      </p>
      <dl class="facts">
        {Object.entries(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Cordon worker={one} />
    </>
  );
}

/** The last executions that a worker has had, each as a square whose colour is its end, and as a row. */
function History({ of }: { readonly of: number }) {
  const page = useLive(listPath({ worker: String(of), limit: '50' }));
  const all = page.value?.executions ?? [];
  const failed = all.filter(({ status }) => isFinal(status) && status !== 'completed' && status !== 'cancelled').length;
  return (
    <section aria-label="History">
      <h2>History</h2>
      <Live of={page}>
        {page.value && all.length === 0 && <p>It has had no execution.</p>}
        {all.length > 0 && (
          <>
            <p>
              Of its last {all.length} executions {failed} failed. <a href={`#/executions?worker=${of}`}>All of them</a>
            </p>
            <PlainTable label="Its last executions" titles={['Id', 'Action', 'Status', 'Duration', 'Requested']}>
              {all.map((one) => (
                <tr key={one.id}>
                  <td>
                    <a href={`#/executions/${one.id}`}>{one.id}</a>
                  </td>
                  <td class="action">{one.action_ref}</td>
                  <td>
                    <Status status={one.status} />
                  </td>
                  <td>{describeDuration(ranMs(one, Date.now(), isFinal(one.status)) ?? 0)}</td>
                  <td>
                    <Ago at={one.created} />
                  </td>
                </tr>
              ))}
            </PlainTable>
          </>
        )}
      </Live>
    </section>
  );
}
