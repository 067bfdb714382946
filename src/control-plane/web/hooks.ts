import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { type Answers, getAgain, type Tagged } from './api.ts';

interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
}

/**
 * Asks the server for `path` every `everyMs` milliseconds while the page is seen. The last answer stays while the
 * server is away.
 */
export function useLive<Path extends keyof Answers>(path: Path, everyMs = 2000): Loaded<Answers[Path]> {
  type Value = Answers[Path];
  const [loaded, setLoaded] = useState<Loaded<Value>>({ value: undefined, problem: undefined });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let last: Tagged<Value> | undefined;
    const show = (next: (before: Loaded<Value>) => Loaded<Value>): void => {
      if (!isOver) setLoaded(next);
    };
    const keep = (answer: Tagged<Value>): ((before: Loaded<Value>) => Loaded<Value>) => {
      last = answer;
      /* The same object again when nothing has changed: then nothing is drawn. */
      return (before) =>
        before.value === answer.value && before.problem === undefined
          ? before
          : { value: answer.value, problem: undefined };
    };
    const load = async (): Promise<void> => {
      const answer = document.hidden ? undefined : await getAgain(path, last).then(keep, fail<Value>);
      if (answer) show(answer);
      if (!isOver) timer = setTimeout(() => void load(), everyMs);
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return loaded;
}

const fail =
  <T>(error: unknown) =>
  ({ value }: Loaded<T>): Loaded<T> => ({ value, problem: messageOf(error) });

/** The part of the address behind `#/`: the path of a page, and what it shows. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function useRoute(): Route {
  const read = (): string => location.hash.replace(/^#\/?/, '');
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const listen = (): void => setRoute(read());
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
