import { useLive } from './hooks.ts';
import { Heading, Live, Trouble } from './parts.tsx';

/** Packs do not change often. */
const RELOAD_MS = 10_000;

/** The packs with their actions, and what could not be loaded, with its line. */
export function PacksPage() {
  const packs = useLive('packs', RELOAD_MS);
  const actions = useLive('actions', RELOAD_MS).value?.actions ?? [];
  return (
    <>
      <Heading>Packs</Heading>
      <Live of={packs}>
        {packs.value?.broken?.map((one) => (
          <Trouble key={one.ref} problem={`${one.ref} could not be loaded: ${one.problem}`} />
        ))}
        {packs.value?.packs.length === 0 && <p>There are none: attune-agent packs register DIRECTORY.</p>}
        <div class="cards">
          {packs.value?.packs.map((pack) => (
            <section key={pack.ref} class="card">
              <h2>
                {pack.label} {pack.version}
              </h2>
              <p>
                <code>{pack.ref}</code>,{' '}
                <a href={`#/executions?pack=${encodeURIComponent(pack.ref)}`}>its executions</a>
              </p>
              <ul>
                {actions
                  .filter((one) => one.pack_ref === pack.ref)
                  .map((one) => (
                    <li key={one.ref}>
                      <a href={`#/submit/${encodeURIComponent(one.ref)}`}>{one.ref}</a>
                      {one.runtime !== null && ` (${[one.runtime, one.runtime_version].filter(Boolean).join(' ')})`}
                      {one.description && `: ${one.description}`}
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
