import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { isFinal, WAITING_STATUSES } from '#domain/execution-status.ts';
import type { Execution } from '#wire/executions.ts';
import { Lack, useLack } from './account.tsx';
import { ApiError, get, newKey, post } from './api.ts';
import { Artifacts } from './artifacts.tsx';
import { Attempts } from './attempts.tsx';
import { Children } from './children.tsx';
import { curlOf, submitOf } from './commands.ts';
import { follow } from './follow.ts';
import { withoutHidden } from './hidden.ts';
import { LogLines } from './log-lines.ts';
import { LogView } from './log-view.tsx';
import { Heading, Status, Trouble } from './parts.tsx';
import { Facts, Outcome, useTabOf } from './summary.tsx';
import { Copy, Document } from './tree.tsx';
import { Waiting } from './waiting.tsx';

/** The statuses in which an execution waits for a worker, for its first attempt or another one. */
const WAITS: readonly string[] = [...WAITING_STATUSES, 'scheduled'];

interface ExecutionProps {
  readonly id: number;
  /** The line of the log to which the address leads. */
  readonly marked: number | undefined;
}

export function ExecutionPage({ id, marked }: ExecutionProps) {
  const [execution, setExecution] = useState<Execution>();
  const [problem, setProblem] = useState<string>();
  const { lines, version } = useLog(id, setExecution, setProblem);
  useTabOf(execution);
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
          <Actions execution={execution} setExecution={setExecution} setProblem={setProblem} />
          <Outcome execution={execution} />
          <Attempts execution={execution} />
          <Facts execution={execution} />
          {WAITS.includes(execution.status) && <Waiting execution={execution} />}
        </>
      )}
      <LogView execution={id} lines={lines} version={version} marked={marked} />
      {hasEnded && <Document title="Result" value={execution.result} isOpen={true} />}
      {execution && <Document title="Parameters" value={execution.parameters} />}
      {hasEnded && <Artifacts key={id} execution={id} />}
      <Children of={id} />
    </>
  );
}

interface ActionsProps {
  readonly execution: Execution;
  setExecution(one: Execution): void;
  setProblem(problem: string): void;
}

function Actions({ execution, setExecution, setProblem }: ActionsProps) {
  const { id, status, action_ref: ref, is_adhoc: isAdhoc } = execution;
  const { act, isBusy } = useActs(id, setExecution, setProblem);
  const lack = useLack('submit');
  const common = { type: 'button', title: lack } as const;
  const isOff = isBusy || lack !== undefined;
  const { hidden } = withoutHidden(execution.parameters);
  return (
    <>
      <div class="actions">
        <Status status={status} />
        <button {...common} disabled={isFinal(status) || isOff} onClick={act('cancel')}>
          Cancel
        </button>
        <button {...common} disabled={isOff} onClick={act('rerun')}>
          Run again
        </button>
        {!isAdhoc && (
          <>
            <a href={`#/submit/${encodeURIComponent(ref)}?from=${id}`}>Run again with other parameters</a>
            <Copy words="Copy as curl" text={() => curlOf(execution, document.baseURI)} />
            <Copy words="Copy as command" text={() => submitOf(execution)} />
          </>
        )}
      </div>
      {!isAdhoc && hidden.length > 0 && (
        <p class="lack">Commands are copied without what is hidden: {hidden.join(', ')}</p>
      )}
      <Lack why={lack} />
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
