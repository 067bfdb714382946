import { useEffect, useRef } from 'preact/hooks';

/** What a key does, beside those of the browser. */
const KEYS: Readonly<Record<string, readonly [words: string, hash: string | undefined]>> = {
  '?': ['shows these keys', undefined],
  e: ['goes to the executions', '#/executions'],
  s: ['goes to the form that submits one', '#/submit'],
  w: ['goes to the workers', '#/workers'],
  p: ['goes to the packs', '#/packs'],
  '/': ['goes to the search', undefined],
};

/** Keys that work wherever nothing is being written, and the list of them. */
export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(isPlain(event) && Object.hasOwn(KEYS, event.key))) return;
      event.preventDefault();
      const [, hash] = KEYS[event.key] ?? [];
      if (hash !== undefined) location.hash = hash;
      else if (event.key === '?') dialog.current?.showModal();
      else document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="keys-of-page">
      <h2 id="keys-of-page">Keys</h2>
      <dl class="keys">
        {Object.entries(KEYS).map(([key, [words]]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function isPlain({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  return !(ctrlKey || metaKey || altKey || isWriting(target));
}

/** Fields into which no text is written: in them, letters are keys like anywhere. */
const PRESSED = ['checkbox', 'radio', 'file', 'button', 'submit'].map((type) => `[type="${type}"]`).join();

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`input:not(${PRESSED}), textarea, select, dialog`) !== null;
}
