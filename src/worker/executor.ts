import type { Settlement, Verdict } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { LogSink } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Logger } from '#domain/logger.ts';
import type { AttemptObserver, EndedAttempt } from '#domain/observer.ts';
import type { SharedVolume } from '#domain/shared-volume.ts';
import type { SpanEnd, Tracer } from '#domain/tracing.ts';
import type { Trouble } from '#domain/trouble.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { StopSignals } from '#execution/process/run-command.ts';
import type { Reach } from './fault-point.ts';
import { createLogFiles } from './log-files.ts';
import { createLogStream } from './log-stream.ts';
import type { Places } from './places.ts';
import type { Reporter } from './reporter.ts';
import type { ClaimedEnd } from './run-claimed.ts';
import { type Stages, traceAttempt } from './trace-attempt.ts';
import { decideVerdict, type Interruption } from './verdict.ts';

export interface Executor {
  /** Runs an execution to its end and reports it; never rejects. */
  run(claimed: ClaimedExecution): Promise<void>;
  /** Ends it, if it runs here. The first reason wins. */
  interrupt(execution: ExecutionId, interruption: Interruption): void;
  interruptAll(interruption: Interruption): void;
  /** The number of executions that run now. */
  count(): number;
}

interface ExecutorDependencies {
  readonly clock: Clock;
  readonly session: WorkerSession;
  readonly reporter: Reporter;
  readonly run: RunExecution;
  readonly places: Pick<Places, 'isLost' | 'examine' | 'troubles'>;
  readonly reach: Reach;
  /** The directory in which Attune's Rust control plane looks for logs. */
  readonly volume: SharedVolume | undefined;
  /** Cuts every politeness short. */
  readonly killNow: AbortSignal;
  readonly logger: Logger;
  readonly observer: AttemptObserver;
  readonly tracer: Tracer;
}

/** A function that takes a claimed execution to its result. Rejects for defects only. */
export type RunExecution = (
  claimed: ClaimedExecution,
  io: { readonly sink: LogSink; readonly signals: StopSignals; readonly stages: Stages },
) => Promise<ClaimedEnd>;

interface Running {
  readonly cancel: AbortController;
  interruption: Interruption | undefined;
}

export function createExecutor(deps: ExecutorDependencies): Executor {
  const { clock, session, reporter, reach, killNow, logger, observer, tracer } = deps;
  const running = new Map<ExecutionId, Running>();
  const run = async (claimed: ClaimedExecution): Promise<void> => {
    const { execution, attempt, actionRef: action, origin } = claimed;
    const request = origin?.requestId === undefined ? {} : { request_id: origin.requestId };
    const who = { execution, action, attempt, worker: session.worker, ...request };
    const since = clock.monotonic();
    logger.info('execution claimed', who);
    observer.claimed();
    const entry: Running = { cancel: new AbortController(), interruption: undefined };
    running.set(execution, entry);
    const log = openLog(claimed, deps);
    const traced = traceAttempt(claimed, { tracer, clock, attributes: { 'attune.worker': session.worker } });
    const signals = { cancel: entry.cancel.signal, killNow };
    const ending = deps.run(claimed, { sink: log.sink, signals, stages: traced });
    reach('started');
    const end = await ending.catch(defect);
    reach('ended');
    const logs = await log.close();
    running.delete(execution);
    const { interruption } = entry;
    const lostPlace = await findLostPlace(end, deps.places);
    const decided = decideVerdict(end, claimed, { interruption, lostPlace, random: clock.random() });
    if (lostPlace) logger.warn('handed back', { ...who, why: lostPlace.why });
    const verdict =
      decided?.kind === 'final' && end.secrets.length > 0 ? { ...decided, secrets: end.secrets } : decided;
    const artifacts = end.artifacts.length > 0 ? { artifacts: end.artifacts } : {};
    if (verdict) {
      const settlement = { ...session, execution, attempt, verdict, ...artifacts, ...logs, ...joinedMark(claimed) };
      reporter.settle(settlement, traced.storing(spanEnd(end, verdict)));
    } else {
      logger.warn('ended unreported', { ...who, why: 'its lease was lost' });
      traced.lost();
    }
    noteEnd(claimed, { end, verdict, preparedMs: traced.lasted('environment') }, observer);
    const ms = Math.round(clock.monotonic() - since);
    logger.info('execution ended', { ...who, status: statusAfter(verdict), duration_ms: ms });
  };
  const interrupt = (execution: ExecutionId, interruption: Interruption): void => {
    const entry = running.get(execution);
    if (!entry || entry.interruption) return;
    entry.interruption = interruption;
    entry.cancel.abort();
  };
  return {
    run,
    interrupt,
    interruptAll: (interruption) => {
      for (const execution of running.keys()) interrupt(execution, interruption);
    },
    count: () => running.size,
  };
}

interface Ended {
  readonly end: ClaimedEnd;
  readonly verdict: Verdict | undefined;
}

/** The end of the span of an attempt: what became of it, and not what it printed. */
function spanEnd({ outcome }: ClaimedEnd, verdict: Verdict): SpanEnd {
  const exitCode = outcome.kind === 'failed' ? outcome.exitCode : undefined;
  return {
    attributes: { 'attune.status': statusAfter(verdict), 'process.exit.code': exitCode },
    error: outcome.kind === 'completed' ? undefined : outcome.kind,
  };
}

/** Tells the observer of the end of an attempt. One whose lease was lost is another worker's to count. */
function noteEnd(
  { action }: ClaimedExecution,
  { end, verdict, preparedMs }: Ended & Pick<EndedAttempt, 'preparedMs'>,
  observer: AttemptObserver,
): void {
  if (verdict === undefined) return;
  observer.ended({
    status: verdict.kind === 'final' ? verdict.status : undefined,
    runtime: action?.runtime ?? 'shell',
    preparedMs,
    ranMs: end.outcome.kind === 'not-started' ? undefined : end.result.duration_ms,
  });
}

/** What an execution is after an attempt that ended with a verdict: over, to be tried again, or somebody else's. */
function statusAfter(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'lost';
  return verdict.kind === 'final' ? verdict.status : 'requested';
}

function joinedMark({ joined }: ClaimedExecution): Pick<Settlement, 'isJoined'> {
  return joined ? { isJoined: true } : {};
}

/** The place of this worker that kept an execution from starting; undefined: it began, or something else was to blame. */
async function findLostPlace(
  { outcome, unwritten }: ClaimedEnd,
  places: ExecutorDependencies['places'],
): Promise<Trouble | undefined> {
  if (outcome.kind !== 'not-started') return undefined;
  if (unwritten && (await places.isLost(unwritten))) return places.troubles()[0];
  return await places.examine();
}

interface ExecutionLogs {
  readonly sink: LogSink;
  /** Returns the streams whose log is a file. */
  close(): Promise<Pick<Settlement, 'logs'>>;
}

/** Where the logs of an execution go: to the store, or to files where Attune's Rust control plane looks for them. */
function openLog(
  claimed: ClaimedExecution,
  { reporter, clock, volume, logger }: Pick<ExecutorDependencies, 'reporter' | 'clock' | 'volume' | 'logger'>,
): ExecutionLogs {
  if (claimed.joined && volume) {
    const files = createLogFiles(claimed, { volume, logger });
    return { sink: files.sink, close: async () => ({ logs: await files.close() }) };
  }
  const stream = createLogStream(claimed, { reporter, clock });
  return {
    sink: stream.sink,
    close: async () => {
      await stream.close();
      return {};
    },
  };
}

/** A defect of the agent must not leave its execution without an end. */
function defect(error: unknown): ClaimedEnd {
  const reason = messageOf(error);
  return {
    outcome: { kind: 'not-started', reason },
    result: { succeeded: false, error: `the agent failed: ${reason}`, duration_ms: 0 },
    artifacts: [],
    secrets: [],
  };
}
