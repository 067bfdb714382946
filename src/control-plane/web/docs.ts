import { readToken } from './session.ts';

/** What of RapiDoc's element is used here. */
interface Reference extends HTMLElement {
  loadSpec(document: unknown): Promise<void>;
  setApiKey(scheme: string, value: string): void;
}

/**
 * Without its own fonts, files and addresses: nothing is asked of anybody else. Its part about authentication would show the
 * token as text to whoever looks at the screen.
 */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'allow-authentication': 'false',
  'allow-server-selection': 'false',
  'allow-spec-file-load': 'false',
  'allow-spec-url-load': 'false',
  'load-fonts': 'false',
  'mono-font': 'ui-monospace, monospace',
  'regular-font': 'system-ui, sans-serif',
  'schema-description-expanded': 'true',
  'show-header': 'false',
  'show-method-in-nav-bar': 'as-colored-text',
};

async function show(token: string): Promise<void> {
  const reference = document.createElement('rapi-doc') as Reference;
  for (const [name, value] of Object.entries(ATTRIBUTES)) reference.setAttribute(name, value);
  /* Where there is no room for the list of operations beside one of them, all of them are a list that opens. */
  reference.setAttribute('render-style', matchMedia('(max-width: 48rem)').matches ? 'view' : 'focused');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = (): void => {
    reference.setAttribute('theme', dark.matches ? 'dark' : 'light');
    reference.setAttribute('bg-color', dark.matches ? '#111417' : '#fbfcfd');
    reference.setAttribute('text-color', dark.matches ? '#e6e8eb' : '#1c2024');
    reference.setAttribute('primary-color', dark.matches ? '#6cb2ff' : '#0b5cad');
  };
  paint();
  dark.addEventListener('change', paint);
  const answer = await fetch('openapi.json', { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return;
  /* It brings a `main` of its own. */
  document.querySelector('main')?.replaceWith(reference);
  await customElements.whenDefined('rapi-doc');
  await reference.loadSpec(await answer.json());
  /* The token that the page keeps is sent with each request that is tried out. */
  reference.setApiKey('bearer', token);
}

const token = readToken();
if (token !== undefined) void show(token);
