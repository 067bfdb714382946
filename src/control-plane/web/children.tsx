import { useState } from 'preact/hooks';
import { type Listed, listPath } from './api.ts';
import { useLive } from './hooks.ts';
import { Status } from './parts.tsx';

const MOST = 50;

/** The executions that an execution has requested, as a tree: each opens to those that it has requested itself. */
export function Children({ of }: { readonly of: number }) {
  const { all, next } = useChildren(of);
  if (all === undefined || all.length === 0) return null;
  return (
    <section aria-label="Requested by this execution">
      <h2>Requested by this execution</h2>
      <Branch all={all} isWhole={next === null} />
    </section>
  );
}

function useChildren(of: number) {
  const page = useLive(listPath({ parent: String(of), limit: String(MOST) })).value;
  return { all: page?.executions, next: page?.next_cursor ?? null };
}

function Branch({ all, isWhole }: { readonly all: readonly Listed[]; readonly isWhole: boolean }) {
  return (
    <>
      <ul class="children">
        {all.map((one) => (
          <Child key={one.id} one={one} />
        ))}
      </ul>
      {!isWhole && <p>The newest {MOST} are shown.</p>}
    </>
  );
}

function Child({ one }: { readonly one: Listed }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        class="opens"
        aria-expanded={isOpen}
        aria-label={`What execution ${one.id} has requested`}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? '▾' : '▸'}
      </button>{' '}
      <a href={`#/executions/${one.id}`}>
        {one.id} {one.action_ref}
      </a>{' '}
      <Status status={one.status} />
      {isOpen && <Grandchildren of={one.id} />}
    </li>
  );
}

function Grandchildren({ of }: { readonly of: number }) {
  const { all, next } = useChildren(of);
  if (all === undefined) return null;
  return all.length === 0 ? <p class="lack">It has requested none.</p> : <Branch all={all} isWhole={next === null} />;
}
