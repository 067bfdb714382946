import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { type Answers, get } from './api.ts';

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
    const show = (next: (before: Loaded<Value>) => Loaded<Value>): void => {
      if (!isOver) setLoaded(next);
    };
    const load = async (): Promise<void> => {
      const answer = document.hidden ? undefined : await get(path).then(succeed, fail<Value>);
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

const succeed =
  <T>(value: T) =>
  (): Loaded<T> => ({ value, problem: undefined });

const fail =
  <T>(error: unknown) =>
  ({ value }: Loaded<T>): Loaded<T> => ({ value, problem: messageOf(error) });

/** The part of the address behind `#/`. */
export function useRoute(): readonly string[] {
  const read = (): string => location.hash.replace(/^#\/?/, '');
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const listen = (): void => setRoute(read());
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  return route.split('/').map(decodeURIComponent);
}
