import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { isFinal } from '#domain/execution-status.ts';
import { isRecord } from '#domain/record.ts';
import type { Execution } from '#wire/executions.ts';

/** The error of an execution, before anything else is said of it. */
export function Outcome({ execution: { status, result } }: { readonly execution: Execution }) {
  const { error, exit_code: code, signal, output_error: flaw } = isRecord(result) ? result : {};
  const hasFailed = isFinal(status) && status !== 'completed';
  if (!hasFailed && typeof flaw !== 'string') return null;
  return (
    <section class="outcome" aria-label="Error">
      {typeof error === 'string' && <p class="problem">{error}</p>}
      {typeof flaw === 'string' && <p class="problem">{flaw}</p>}
      {typeof code === 'number' && !String(error).startsWith(`exit code ${code}`) && (
        <p>
          exit code <strong>{code}</strong>
          {typeof signal === 'string' && ` (${signal})`}
        </p>
      )}
    </section>
  );
}

export function Facts({ execution: one }: { readonly execution: Execution }) {
  return (
    <dl class="facts">
      <Fact name="Action">{one.action_ref}</Fact>
      <Fact name="Worker">
        {one.worker === null ? 'none yet' : <a href={`#/workers/${one.worker}`}>{one.worker_name ?? one.worker}</a>}
      </Fact>
      <Fact name="Requested by">
        {one.parent == null ? (
          (one.requested_by ?? 'unknown')
        ) : (
          <a href={`#/executions/${one.parent}`}>{one.requested_by}</a>
        )}
      </Fact>
      {one.original_execution !== null && (
        <Fact name="Repeats">
          <a href={`#/executions/${one.original_execution}`}>execution {one.original_execution}</a>
        </Fact>
      )}
      <Fact name="Attempt">
        {one.attempt}
        {one.retry_reason !== null && `: ${one.retry_reason}`}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const ICONS: Readonly<Record<string, string>> = { completed: '✔', cancelled: '⊘', running: '▶', canceling: '▶' };
const COLOURS: Readonly<Record<string, string>> = { completed: '1a6e34', running: '8a5a00', cancelled: '5a6169' };

/** The title and the icon of the page's tab say how an execution fares. */
export function useTabOf(execution: Execution | undefined): void {
  const { id, status, action_ref: ref } = execution ?? {};
  useEffect(() => {
    if (status === undefined) return;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const isBad = isFinal(status) && status !== 'completed' && status !== 'cancelled';
    const colour = COLOURS[status] ?? (isBad ? 'b42318' : '0b5cad');
    document.title = `${ICONS[status] ?? (isBad ? '✘' : '…')} ${ref} ${id} – Attune`;
    const circle = `<circle cx="8" cy="8" r="7" fill="%23${colour}"/>`;
    icon?.setAttribute(
      'href',
      `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${circle}</svg>`,
    );
    return () => {
      document.title = 'Attune';
      icon?.setAttribute('href', 'data:,');
    };
  }, [id, status, ref]);
}
