import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { type Answers, getAgain, type Tagged } from './api.ts';

/** An answer of the server, and whether it is still true. */
export interface Loaded<T> {
  readonly value: T | undefined;
  /** Why the last request failed: the value is from before. */
  readonly problem: string | undefined;
  /** When the value was true last, in milliseconds since 1970. */
  readonly at: number;
  /** What was asked for. */
  readonly path: string | undefined;
}

/**
 * Asks the server for `path` every `everyMs` milliseconds while the page is seen, and at once when `state` is another
 * one; nothing is asked for where there is no path. The last answer stays while the server is away.
 */
export function useLive<Path extends keyof Answers>(
  path: Path | undefined,
  everyMs = 2000,
  state = '',
): Loaded<Answers[Path]> {
  type Value = Answers[Path];
  const [loaded, setLoaded] = useState<Loaded<Value>>({ value: undefined, problem: undefined, at: 0, path: undefined });
  useEffect(() => {
    if (path === undefined) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let last: Tagged<Value> | undefined;
    const show = (next: (before: Loaded<Value>) => Loaded<Value>): void => {
      if (!isOver) setLoaded(next);
    };
    let at = 0;
    const keep = (answer: Tagged<Value>): ((before: Loaded<Value>) => Loaded<Value>) => {
      last = answer;
      at = Date.now();
      /* The same object again when nothing has changed: then nothing is drawn. */
      return (before) =>
        before.value === answer.value && before.problem === undefined
          ? before
          : { value: answer.value, problem: undefined, at, path };
    };
    const fail =
      (error: unknown) =>
      (before: Loaded<Value>): Loaded<Value> => ({ ...before, problem: messageOf(error), at: at || before.at });
    const load = async (): Promise<void> => {
      const answer = document.hidden ? undefined : await getAgain(path, last).then(keep, fail);
      if (answer) show(answer);
      if (!isOver) timer = setTimeout(() => void load(), everyMs);
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [path, everyMs, state]);
  return loaded;
}

/** Does what a button asks for, one thing at a time, and says what went wrong. */
export function useActing() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const act = (work: () => Promise<void>) => async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    await work().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };
  return { act, isBusy, problem, setProblem };
}
