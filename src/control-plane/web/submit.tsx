import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import type { Action } from '#wire/packs.ts';
import { Lack, useLack } from './account.tsx';
import { get, getAction } from './api.ts';
import { withoutHidden } from './hidden.ts';
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
  const { action, problem } = useAction(actionRef, actions.value);
  const listed = actions.value?.actions ?? [];
  const hasMore = typeof actions.value?.next_cursor === 'string';
  const choose = ({ currentTarget: { value } }: { readonly currentTarget: { readonly value: string } }): void => {
    location.hash = `#/submit/${encodeURIComponent(value.trim())}`;
  };
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
          <select value={actionRef ?? ''} onChange={choose}>
            <option value="">Choose one</option>
            {action && !listed.some((one) => one.ref === actionRef) && <option value={actionRef}>{actionRef}</option>}
            {listed.map((one) => (
              <option key={one.ref} value={one.ref}>
                {one.ref === one.label ? one.ref : `${one.ref}: ${one.label}`}
              </option>
            ))}
          </select>
        </label>
        {hasMore && (
          <label class="field">
            <span>The first {listed.length} are offered. Another one, by its name</span>
            <input type="text" onChange={choose} />
          </label>
        )}
        <Trouble problem={problem} />
        {action && <ActionForm key={`${action.ref}?${query}`} action={action} query={query} />}
      </Live>
    </>
  );
}

interface Found {
  readonly ref?: string | undefined;
  readonly action?: Action;
  readonly problem?: string;
}

/** The action of a ref, whether it is among those of the list or not; asked for again when the list is another one. */
function useAction(ref: string | undefined, list: unknown): Found {
  const [found, setFound] = useState<Found>({});
  useEffect(() => {
    let isOver = false;
    const show = (change: (before: Found) => Found): void => {
      if (!isOver) setFound((before) => ({ ...change(before.ref === ref ? before : {}), ref }));
    };
    if (ref)
      getAction(ref).then(
        (action) => show(() => ({ action })),
        /* What somebody has written stays while the server is away. */
        (error: unknown) => show((before) => ({ ...before, problem: messageOf(error) })),
      );
    return () => {
      isOver = true;
    };
  }, [ref, list]);
  return found.ref === ref ? found : {};
}

function ActionForm({ action, query }: { readonly action: Action; readonly query: URLSearchParams }) {
  const earlier = useParameters(query.get('from'));
  return (
    <>
      {action.description && <p>{action.description}</p>}
      <LackOfWorkers of={action} />
      <Trouble problem={earlier.problem} />
      {earlier.hidden && earlier.hidden.length > 0 && (
        <p class="lack">Not taken over, since it is hidden: {earlier.hidden.join(', ')}</p>
      )}
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
  /** What the server shows nobody. */
  readonly hidden?: readonly string[];
  readonly problem?: string;
}

/** The parameters of an earlier execution; none without one. */
function useParameters(from: string | null): Parameters {
  const [loaded, setLoaded] = useState<Parameters>(from === null ? { value: {} } : {});
  useEffect(() => {
    if (from === null) return;
    get(`executions/${Number(from)}`).then(
      ({ parameters }) => {
        const { values, hidden } = withoutHidden(parameters);
        setLoaded({ value: values, hidden });
      },
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
