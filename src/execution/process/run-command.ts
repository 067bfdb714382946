import type { LogSink, Outcome, StreamName } from '#domain/execution.ts';
import { startTimer } from '#domain/timer.ts';
import { type Capture, createCapture, type LogCut } from './capture.ts';
import { drain } from './drain.ts';
import { endGroup } from './end-group.ts';
import type { NotStarted, ProcessEnd, ProcessRequest, RunningProcess } from './running-process.ts';
import { type CopiedDirectory, showOriginal } from './show-original.ts';
import { startProcess } from './start-process.ts';

/** After the end of the leader a descendant may hold the output open this long; then it is cut and the group killed. */
const LINGER_MS = 2000;
/** Largest pipe an unprivileged process can have (1 MiB), and as much again in the reader. */
const LINGER_BYTES = 2 * 1024 * 1024;

export interface CommandRequest extends ProcessRequest, CommandLimits {
  /** All of stdin. */
  readonly input: Uint8Array;
  /** The directory in a copy of which it runs, whose files stderr names as those of the original; undefined: in none. */
  readonly copied?: CopiedDirectory | undefined;
}

export interface CommandLimits {
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Bytes of each stream that go to the sink; the rest is read and dropped. */
  readonly logLimitBytes: Readonly<Record<StreamName, number>>;
  /** The text that marks the place where a stream was cut. Default: a line of the agent's own. */
  readonly cutNotice?: ((stream: StreamName) => string) | undefined;
}

export interface StopSignals {
  /** Ends the execution, politely first. */
  readonly cancel: AbortSignal;
  /** Cuts the politeness short. */
  readonly killNow?: AbortSignal;
}

export interface CommandReport {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly stdout: Capture;
  readonly stderr: Capture;
}

/** As often somebody may kill what is to start a program. */
const MOST_STARTS = 5;

/**
 * Runs a program to its end, whatever it does: bounded in time, in output, and in what it leaves behind. Never rejects
 * for anything the program does; rejects when the sink does.
 */
export async function runCommand(request: CommandRequest, sink: LogSink, signals: StopSignals): Promise<CommandReport> {
  for (let starts = 1; ; starts++) {
    const { isLost, ...report } = await runOnce({ ...request, isAgain: starts > 1 }, sink, signals);
    if (!isLost || starts === MOST_STARTS) return report;
  }
}

async function runOnce(
  request: CommandRequest,
  sink: LogSink,
  signals: StopSignals,
): Promise<CommandReport & { readonly isLost?: boolean }> {
  const start = performance.now();
  const captures = {
    stdout: createCapture('stdout', sink, cutOf('stdout', request)),
    stderr: createCapture('stderr', sink, cutOf('stderr', request)),
  };
  const report = (outcome: Outcome): CommandReport => ({
    outcome,
    durationMs: performance.now() - start,
    stdout: captures.stdout.captured(),
    stderr: captures.stderr.captured(),
  });
  if (signals.cancel.aborted) return report({ kind: 'cancelled' });
  const started = startProcess(request);
  if (!started.ok) return report({ kind: 'not-started', reason: started.error.reason });
  await using running = started.value;
  const errors = request.copied && showOriginal(request.copied, captures.stderr.take);
  const collect = (stream: StreamName, take = captures[stream].take): Promise<void> =>
    drain(running[stream], take, {
      ended: running.ended,
      waitMs: LINGER_MS,
      bytes: LINGER_BYTES,
    });
  const drains = [collect('stdout'), collect('stderr', errors?.take)];
  for (const drained of drains) drained.catch(() => running.signalGroup('SIGKILL')); /* awaited below */
  void running.writeInput(request.input);
  const outcome = await endOf(running, request, signals);
  await Promise.allSettled(drains); /* both have let go of their descriptors, also when one has failed */
  await Promise.all(drains);
  await errors?.end();
  return { ...report(outcome), isLost: outcome.kind === 'not-started' && isLost(await running.ended) };
}

function cutOf(stream: StreamName, { logLimitBytes, cutNotice }: CommandLimits): LogCut {
  const limitBytes = logLimitBytes[stream];
  const notice = cutNotice?.(stream) ?? `\n[attune: ${stream} cut here, at its limit of ${limitBytes} bytes]\n`;
  return { limitBytes, notice };
}

/** The first of: its own end, the time limit, a cancel. */
async function endOf(running: RunningProcess, request: CommandRequest, signals: StopSignals): Promise<Outcome> {
  const stopped = Promise.withResolvers<Outcome>();
  const { timeoutMs } = request;
  const timer = startTimer(timeoutMs, () => stopped.resolve({ kind: 'timed-out', timeoutMs }));
  const cancel = (): void => stopped.resolve({ kind: 'cancelled' });
  signals.cancel.addEventListener('abort', cancel);
  try {
    const first = await Promise.race([running.ended.then(outcomeOf), stopped.promise]);
    if (first.kind === 'timed-out' || first.kind === 'cancelled')
      await endGroup(running, request.graceMs, signals.killNow);
    return first;
  } finally {
    timer.stop();
    signals.cancel.removeEventListener('abort', cancel);
  }
}

function isLost(end: ProcessEnd | NotStarted): boolean {
  return end.kind === 'not-started' && (end.isLost ?? false);
}

function outcomeOf(end: ProcessEnd | NotStarted): Outcome {
  if (end.kind === 'not-started') return { kind: end.kind, reason: end.reason };
  if (end.kind === 'signaled') return { kind: 'killed', signal: end.signal, signalNumber: end.signalNumber };
  return end.exitCode === 0 ? { kind: 'completed' } : { kind: 'failed', exitCode: end.exitCode };
}
