import { useState } from 'preact/hooks';
import type { KeyList } from '#wire/keys.ts';
import { deleteKey, storeKey } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { Ago, Heading, Live, MoreOf, Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { TwoStep } from './two-step.tsx';

const RELOAD_MS = 10_000;

/** The keys, whose values go in and never come back. */
export function KeysPage() {
  const [version, setVersion] = useState(0);
  const keys = useLive('keys', RELOAD_MS, String(version));
  const renew = (): void => setVersion((n) => n + 1);
  const { act, isBusy, problem } = useActing();
  const remove = (ref: string): void => void act(() => deleteKey(ref).then(renew))();
  const all = keys.value?.keys ?? [];
  return (
    <>
      <Heading>Keys</Heading>
      <KeyForm onDone={renew} />
      <Trouble problem={problem} />
      <Live of={keys}>
        {keys.value && all.length === 0 && <p>There are none. No secret is stored for actions.</p>}
        {all.length > 0 && (
          <PlainTable label="All keys" titles={['Key', 'Of', 'Stored', 'Delete']}>
            {all.map((one) => (
              <tr key={one.ref}>
                <td class="action">{one.name}</td>
                <td>{ownerOf(one)}</td>
                <td>{one.updated === undefined ? '–' : <Ago at={one.updated} />}</td>
                <td>
                  <TwoStep verb="Delete" name={one.ref} isBusy={isBusy} onDo={() => remove(one.ref)} />
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
        <MoreOf list={keys.value} shown={all.length} verb="keys list" />
      </Live>
    </>
  );
}

function ownerOf({ owner_type: type, owner }: KeyList['keys'][number]): string {
  return owner === null ? 'all actions' : `the ${type} ${owner}`;
}

function KeyForm({ onDone }: { onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const store = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = (name: string): string => String(new FormData(form).get(name) ?? '');
    const owner = text('owner').trim();
    const type = owner.includes('.') ? 'action' : 'pack';
    const of = owner === '' ? {} : ({ owner, owner_type: type } as const);
    void act(async () => {
      await storeKey({ name: text('name').trim(), value: text('value'), ...of });
      form.reset();
      onDone();
    })();
  };
  return (
    <form onSubmit={store} class="card make">
      <div class="filters">
        <label>
          <span>Name</span>
          <input name="name" required autocomplete="off" />
        </label>
        <label>
          <span>Pack or action (empty: all)</span>
          <input name="owner" autocomplete="off" />
        </label>
        <label class="wide-field">
          <span>Value, which never comes back</span>
          <textarea name="value" required rows={1} class="secret" autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit" class="primary small" disabled={isBusy}>
          Store
        </button>
      </div>
      <Trouble problem={problem} />
    </form>
  );
}
