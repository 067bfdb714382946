import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isRecord } from '#domain/record.ts';
import { describeDuration } from './durations.ts';
import type { Loaded } from './hooks.ts';

/** The heading of a page, which names its tab. It gets the focus when it appears, so that a screen reader begins there. */
export function Heading({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const title = [children].flat().join('');
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    document.title = `${title} – Attune`;
  }, [title]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

export function Status({ status }: { readonly status: string }) {
  return <output class={`status ${status}`}>{status}</output>;
}

export function Trouble({ problem }: { readonly problem: string | undefined }) {
  return problem === undefined ? null : (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
}

interface LiveProps {
  readonly of: Loaded<unknown>;
  readonly children: ComponentChildren;
}

/** What the server said last. While it cannot be reached, that is grey, and a sentence says from when it is. */
export function Live({ of: { value, problem, at }, children }: LiveProps) {
  const since = value === undefined ? '' : ` – what is shown is from ${new Date(at).toLocaleTimeString()}`;
  return (
    <>
      <Trouble problem={problem === undefined ? undefined : `${problem}${since}`} />
      <div class={problem === undefined ? 'live' : 'live stale'}>{children}</div>
    </>
  );
}

/** Says that a list which comes in pages is longer than what is shown of it. */
export function MoreOf({
  list,
  what = '',
  shown,
  verb,
}: {
  readonly list: unknown;
  readonly what?: string;
  readonly shown: number;
  readonly verb: string;
}) {
  if (!(isRecord(list) && typeof list['next_cursor'] === 'string')) return null;
  return (
    <p class="lack">
      The first {shown}
      {what && ` ${what}`} are shown: <code>attune-agent {verb}</code> lists all.
    </p>
  );
}

/** Says that the end of a list is left out. */
export function LeftOut({ all, shown }: { readonly all: number; readonly shown: number }) {
  return all > shown ? (
    <p class="lack">
      {shown.toLocaleString('en')} of {all.toLocaleString('en')} are shown.
    </p>
  ) : null;
}

export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      {new Date(at).toLocaleString()}
    </time>
  );
}

/** How long ago something was. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {describeDuration(Date.now() - Date.parse(at))} ago
    </time>
  );
}
