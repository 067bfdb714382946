import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { isFinal } from '#domain/execution-status.ts';
import type { Execution } from '#wire/executions.ts';
import { Lack, useLack } from './account.tsx';
import { ApiError, get, newKey, post } from './api.ts';
import { follow } from './follow.ts';
import { LogLines } from './log-lines.ts';
import { LogView } from './log-view.tsx';
import { Heading, Status, Time, Trouble } from './parts.tsx';

export function ExecutionPage({ id }: { readonly id: number }) {
  const [execution, setExecution] = useState<Execution>();
  const [problem, setProblem] = useState<string>();
  const { lines, version } = useLog(id, setExecution, setProblem);
  const { act, isBusy } = useActs(id, setExecution, setProblem);
  const lack = useLack('submit');
  const hasEnded = execution !== undefined && isFinal(execution.status);
  return (
    <>
      <Heading>Execution {id}</Heading>
      <p class="unseen" role="status">
        {execution && `Execution ${id}: ${execution.status}`}
      </p>
      <Trouble problem={problem} />
      {execution && (
        <>
          <div class="actions">
            <Status status={execution.status} />
            <button
              type="button"
              disabled={hasEnded || isBusy || lack !== undefined}
              title={lack}
              onClick={act('cancel')}
            >
              Cancel
            </button>
            <button type="button" disabled={isBusy || lack !== undefined} title={lack} onClick={act('rerun')}>
              Run again
            </button>
            {!execution.is_adhoc && (
              <a href={`#/submit/${encodeURIComponent(execution.action_ref)}?from=${id}`}>
                Run again with other parameters
              </a>
            )}
          </div>
          <Lack why={lack} />
          <Facts execution={execution} />
        </>
      )}
      <LogView lines={lines} version={version} />
      <Trouble problem={hasEnded ? outputErrorOf(execution.result) : undefined} />
      {hasEnded && <Document title="Result" value={execution.result} />}
      {execution && <Document title="Parameters" value={execution.parameters} />}
    </>
  );
}

/** What the buttons do. However often "Run again" is pressed, one execution is made of it. */
function useActs(id: number, setExecution: (one: Execution) => void, setProblem: (problem: string) => void) {
  const [isBusy, setBusy] = useState(false);
  const key = useRef(newKey());
  const act = (verb: 'cancel' | 'rerun') => async () => {
    setBusy(true);
    try {
      const answer = await post(`executions/${id}/${verb}`, verb === 'rerun' ? { key: key.current } : {});
      if (verb === 'rerun') location.hash = `#/executions/${answer.id}`;
      else setExecution(answer);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { act, isBusy };
}

/** The error, from the result, of output that could not be kept as data. */
function outputErrorOf(result: unknown): string | undefined {
  const flaw = typeof result === 'object' && result !== null ? Reflect.get(result, 'output_error') : undefined;
  return typeof flaw === 'string' ? flaw : undefined;
}

function useLog(id: number, setExecution: (one: Execution) => void, setProblem: (problem: string | undefined) => void) {
  const lines = useRef(new LogLines());
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    lines.current = new LogLines();
    let frame: number | undefined;
    const draw = (): void => {
      frame = undefined;
      setVersion((n) => n + 1);
    };
    const load = async (): Promise<void> => setExecution(await get(`executions/${id}`));
    const listener = {
      onLog: (chunk: Parameters<LogLines['add']>[0]) => {
        lines.current.add(chunk);
        frame ??= requestAnimationFrame(draw);
      },
      onStatus: () => void load().catch(() => {}),
      onEnd: setExecution,
      onProblem: setProblem,
    };
    const fail = (error: unknown): void => setProblem(error instanceof ApiError ? error.message : String(error));
    load()
      .then(() => follow(id, listener, stop.signal))
      .catch(fail);
    return () => {
      stop.abort();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [id, setExecution, setProblem]);
  return { lines: lines.current, version };
}

function Facts({ execution }: { readonly execution: Execution }) {
  return (
    <dl class="facts">
      <dt>Action</dt>
      <dd>{execution.action_ref}</dd>
      <dt>Attempt</dt>
      <dd>
        {execution.attempt}
        {execution.retry_reason !== null && `: ${execution.retry_reason}`}
      </dd>
      <dt>Worker</dt>
      <dd>{execution.worker ?? 'none yet'}</dd>
      <dt>Created</dt>
      <dd>
        <Time at={execution.created} />
      </dd>
    </dl>
  );
}

function Document({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <details open={title === 'Result'}>
      <summary>{title}</summary>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
