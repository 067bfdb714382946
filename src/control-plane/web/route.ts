import { useEffect, useState } from 'preact/hooks';

/** The part of the address behind `#/`: the path of a page, and what it shows. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function useRoute(): Route {
  const read = (): string | undefined => (location.hash === '' ? '' : /^#\/(.*)/.exec(location.hash)?.[1]);
  const [route, setRoute] = useState(read() ?? '');
  useEffect(() => {
    let last = read() ?? '';
    const listen = (): void => {
      const next = read();
      /* Another hash is a place on the page that is shown, to which the browser has gone. */
      if (next === undefined) history.replaceState(null, '', `#/${last}`);
      last = next ?? last;
      setRoute(last);
    };
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  const [path = '', query] = route.split('?', 2);
  return { path: path.split('/').map(decodedOf), query: new URLSearchParams(query) };
}

/** Text of an address that somebody may have typed. */
function decodedOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Shows the same page with another query; Back returns to the one before. Parameters that are empty are left out. */
export function changeQuery(query: URLSearchParams, changes: Readonly<Record<string, string>>): void {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') changed.delete(name);
    else changed.set(name, value);
  }
  const [path] = location.hash.split('?', 1);
  location.hash = `${path || '#/executions'}${changed.size === 0 ? '' : `?${changed}`}`;
}
