import { useState } from 'preact/hooks';
import type { EnvironmentList } from '#wire/environments.ts';
import type { Action, PackList } from '#wire/packs.ts';
import { useLack } from './account.tsx';
import { retryEnvironment, uploadPack } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { Ago, Heading, LeftOut, Live, MoreOf, Status, Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';

/** Packs do not change often. */
const RELOAD_MS = 10_000;

/** The packs with their actions, what was installed for them, and what could not be loaded, with its line. */
export function PacksPage() {
  const [version, setVersion] = useState(0);
  const renew = (): void => setVersion((n) => n + 1);
  const packs = useLive('packs', RELOAD_MS, String(version));
  const listed = useLive('actions', RELOAD_MS, String(version)).value;
  const actions = listed?.actions ?? [];
  return (
    <>
      <Heading>Packs</Heading>
      <Upload onDone={renew} />
      <Live of={packs}>
        {packs.value?.broken?.map((one) => (
          <Trouble key={one.ref} problem={`${one.ref} could not be loaded: ${one.problem}`} />
        ))}
        {packs.value?.packs.length === 0 && <p>There are none: attune-agent packs install DIRECTORY.</p>}
        <div class="cards">
          {packs.value?.packs.map((pack) => (
            <PackCard key={pack.ref} pack={pack} actions={actions.filter((one) => one.pack_ref === pack.ref)} />
          ))}
        </div>
        <MoreOf list={packs.value} shown={packs.value?.packs.length ?? 0} verb="packs list" />
        <MoreOf list={listed} what="actions" shown={actions.length} verb="actions list" />
      </Live>
      <Environments />
    </>
  );
}

interface PackProps {
  readonly pack: PackList['packs'][number];
  readonly actions: readonly Action[];
}

function PackCard({ pack, actions }: PackProps) {
  return (
    <section class="card">
      <h2>
        {pack.label} {pack.version}
      </h2>
      <p>
        <code>{pack.ref}</code>, <a href={`#/executions?pack=${encodeURIComponent(pack.ref)}`}>its executions</a>
      </p>
      <ul>
        {actions.map((one) => (
          <li key={one.ref}>
            <a href={`#/submit/${encodeURIComponent(one.ref)}`}>{one.ref}</a>
            {one.runtime !== null && ` (${[one.runtime, one.runtime_version].filter(Boolean).join(' ')})`}
            {one.description && `: ${one.description}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A pack from the reader's machine: the archive that `attune-agent packs install` would send. */
function Upload({ onDone }: { onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const [done, setDone] = useState<string>();
  if (useLack('admin') !== undefined) return null;
  const upload = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const file = new FormData(form).get('archive');
    setDone(undefined);
    void act(async () => {
      if (!(file instanceof File) || file.size === 0)
        throw new Error('choose a .tar.gz of a directory with a pack.yaml');
      const { ref, version } = await uploadPack(file);
      setDone(`${ref} ${version} is registered.`);
      form.reset();
      onDone();
    })();
  };
  return (
    <form onSubmit={upload} class="filters">
      <label>
        <span>Upload a pack (.tar.gz)</span>
        <input type="file" name="archive" accept=".tar.gz,.tgz,application/gzip" />
      </label>
      <button type="submit" class="primary small" disabled={isBusy}>
        Upload
      </button>
      <p class="empty" role="status">
        {done}
      </p>
      <Trouble problem={problem} />
    </form>
  );
}

type Environment = EnvironmentList['environments'][number];

const MOST_SHOWN = 100;

/** What workers have installed for packs; what failed comes first, with what the installer said. */
function Environments() {
  const [version, setVersion] = useState(0);
  const environments = useLive('environments', RELOAD_MS, String(version));
  const all = environments.value?.environments ?? [];
  if (all.length === 0) return null;
  const failed = all.filter(({ status }) => status === 'failed');
  const shown = [...failed, ...all.filter(({ status }) => status !== 'failed')].slice(0, MOST_SHOWN);
  return (
    <section aria-label="Environments">
      <h2>Environments</h2>
      <Live of={environments}>
        <PlainTable label="All environments" titles={['Pack', 'Runtime', 'Status', 'Changed', 'Worker', 'Try again']}>
          {shown.map((one) => (
            <EnvironmentRow key={one.key} environment={one} onDone={() => setVersion((n) => n + 1)} />
          ))}
        </PlainTable>
        <LeftOut all={all.length} shown={shown.length} />
      </Live>
    </section>
  );
}

function EnvironmentRow({ environment: one, onDone }: { readonly environment: Environment; onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const [isAsked, setAsked] = useState(false);
  const lack = useLack('admin');
  const retry = act(async () => {
    await retryEnvironment(one.key);
    setAsked(true);
    onDone();
  });
  return (
    <>
      <tr>
        <td>{one.pack_ref}</td>
        <td>{one.runtime_ref}</td>
        <td>
          <Status status={one.status} />
        </td>
        <td>
          <Ago at={one.updated} />
        </td>
        <td>{one.worker ?? '–'}</td>
        <td>
          {one.status === 'failed' && (
            <button
              type="button"
              class="small"
              disabled={isBusy || isAsked || lack !== undefined}
              title={lack}
              aria-label={isAsked ? undefined : `Try ${one.pack_ref} with ${one.runtime_ref} again`}
              onClick={retry}
            >
              {isAsked ? 'The next execution tries' : 'Try again'}
            </button>
          )}
        </td>
      </tr>
      {(one.install_error !== null || problem !== undefined) && (
        <tr>
          <td colSpan={6} class="preview">
            {one.install_error !== null && <pre class="problem">{one.install_error}</pre>}
            <Trouble problem={problem} />
          </td>
        </tr>
      )}
    </>
  );
}
