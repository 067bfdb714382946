import { useEffect, useState } from 'preact/hooks';
import type { Action } from '#wire/packs.ts';
import { Lack, useLack } from './account.tsx';
import { get, getAction } from './api.ts';
import { useLive } from './hooks.ts';
import { Heading, Live, Trouble } from './parts.tsx';
import { SubmitForm } from './submit-form.tsx';
import { Workers } from './waiting.tsx';

/** Actions do not change often. */
const RELOAD_MS = 30_000;

interface SubmitProps {
  readonly actionRef: string | undefined;
  /** Parameters by `p.NAME`, or the execution whose parameters are wanted, by `from`. */
  readonly query: URLSearchParams;
}

export function SubmitPage({ actionRef, query }: SubmitProps) {
  const actions = useLive('actions', RELOAD_MS);
  const packs = useLive('packs', RELOAD_MS);
  const listed = actions.value?.actions.find((one) => one.ref === actionRef);
  const action = useWhole(listed);
  return (
    <>
      <Heading>Submit</Heading>
      <Live of={actions}>
        {packs.value?.broken?.map((one) => (
          <Trouble key={one.ref} problem={`${one.ref} could not be loaded: ${one.problem}`} />
        ))}
        <Lack why={useLack('submit')} />
        <label class="field">
          <span>Action</span>
          <select
            value={actionRef ?? ''}
            onChange={(event) => {
              location.hash = `#/submit/${encodeURIComponent(event.currentTarget.value)}`;
            }}
          >
            <option value="">Choose one</option>
            {actions.value?.actions.map((one) => (
              <option key={one.ref} value={one.ref}>
                {one.ref === one.label ? one.ref : `${one.ref}: ${one.label}`}
              </option>
            ))}
          </select>
        </label>
        {actionRef && actions.value && !listed && <Trouble problem={`there is no action ${actionRef}`} />}
        {action && <ActionForm key={`${action.ref}?${query}`} action={action} query={query} />}
      </Live>
    </>
  );
}

/** An action with what a list does not tell of it: which keys stand in for its secrets. */
function useWhole(listed: Action | undefined): Action | undefined {
  const [whole, setWhole] = useState<Action>();
  const ref = listed?.ref;
  useEffect(() => {
    if (ref !== undefined) getAction(ref).then(setWhole, () => setWhole(undefined));
  }, [ref]);
  return listed && { ...listed, stored_keys: whole?.ref === ref ? whole?.stored_keys : undefined };
}

function ActionForm({ action, query }: { readonly action: Action; readonly query: URLSearchParams }) {
  const earlier = useParameters(query.get('from'));
  return (
    <>
      {action.description && <p>{action.description}</p>}
      <LackOfWorkers of={action} />
      <Trouble problem={earlier.problem} />
      {earlier.value && <SubmitForm action={action} given={{ values: earlier.value, texts: textsOf(query) }} />}
    </>
  );
}

function textsOf(query: URLSearchParams): ReadonlyMap<string, string> {
  const ofParameters = [...query].filter(([name]) => name.startsWith('p.'));
  return new Map(ofParameters.map(([name, text]) => [name.slice('p.'.length), text]));
}

interface Parameters {
  readonly value?: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

/** The parameters of an earlier execution; none without one. */
function useParameters(from: string | null): Parameters {
  const [loaded, setLoaded] = useState<Parameters>(from === null ? { value: {} } : {});
  useEffect(() => {
    if (from === null) return;
    get(`executions/${Number(from)}`).then(
      ({ parameters }) => setLoaded({ value: { ...Object(parameters) } }),
      (error: unknown) => setLoaded({ value: {}, problem: `execution ${from}: ${String(error)}` }),
    );
  }, [from]);
  return loaded;
}

/** Says that nothing is there now that could run the action, and what the nearest workers miss. */
function LackOfWorkers({ of: { ref } }: { readonly of: Action }) {
  const placement = useLive(`actions/${encodeURIComponent(ref)}/placement`, PLACEMENT_MS).value;
  if (!placement || placement.able > 0) return null;
  const { problem, workers } = placement;
  return (
    <div class="waiting warning" role="status">
      <p>
        {problem ??
          (workers.length === 0
            ? 'No worker is there: it will wait for one.'
            : 'No worker can run it now: it will wait for one. The nearest, and what each of them misses:')}
      </p>
      <Workers of={placement} />
    </div>
  );
}

const PLACEMENT_MS = 10_000;
