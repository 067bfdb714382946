import { useState } from 'preact/hooks';
import { deleteKey, storeKey } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { Heading, Live, Time, Trouble } from './parts.tsx';

/** The keys, whose values go in and never come back. */
export function KeysPage() {
  const keys = useLive('keys');
  const { act, isBusy, problem } = useActing();
  const [wanted, setWanted] = useState<string>();
  const remove = (ref: string): void => {
    setWanted(undefined);
    void act(() => deleteKey(ref))();
  };
  return (
    <>
      <Heading>Keys</Heading>
      <KeyForm />
      <Trouble problem={problem} />
      <Live of={keys}>
        {keys.value?.keys.length === 0 && <p>There are none.</p>}
        <ul class="children">
          {keys.value?.keys.map((one) => (
            <li key={one.ref}>
              <code>{one.ref}</code> {one.updated !== undefined && <Time at={one.updated} />}{' '}
              {wanted === one.ref ? (
                <button type="button" class="small" disabled={isBusy} onClick={() => remove(one.ref)}>
                  Delete {one.ref} for good
                </button>
              ) : (
                <button type="button" class="small" disabled={isBusy} onClick={() => setWanted(one.ref)}>
                  Delete {one.ref}
                </button>
              )}
            </li>
          ))}
        </ul>
      </Live>
    </>
  );
}

function KeyForm() {
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
    })();
  };
  return (
    <form onSubmit={store} class="filters">
      <label>
        <span>Name</span>
        <input name="name" required autocomplete="off" />
      </label>
      <label>
        <span>Pack or action (empty: all)</span>
        <input name="owner" autocomplete="off" />
      </label>
      <label>
        <span>Value, which never comes back</span>
        <textarea name="value" required rows={1} class="secret" autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" class="primary small" disabled={isBusy}>
        Store
      </button>
      <Trouble problem={problem} />
    </form>
  );
}
