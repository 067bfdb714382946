import { lazy } from '#domain/lazy.ts';
import { openNative } from '#execution/native/native.ts';
import { explainStartFailure } from './explain-start-failure.ts';
import { isLost, type KeeperReport, keepProgram, requestBytes } from './keeper.ts';
import { createKeepers } from './keepers.ts';
import type { NotStarted, ProcessEnd, ProcessRequest, RunningProcess } from './running-process.ts';

const keepers = lazy(() => {
  const functions = openNative();
  return createKeepers(functions.ok ? functions.value : undefined);
});

/** Starts a child with a keeper: neither it nor what it starts outlives this process. Throws errors of the system. */
export function startKept(request: ProcessRequest): RunningProcess {
  const { take, giveBack, endResting, renew } = keepers();
  const bytes = requestBytes(request);
  const keeper = take(request.isAgain ?? false);
  const { report, signal, end, ...streams } = keepProgram(keeper, bytes, {
    over: () => giveBack(keeper),
    changed: () => renew(keeper),
    killed: endResting,
  });
  return {
    ...streams,
    ended: report.then((found) => describeEnd(request, found)),
    signalGroup: signal,
    [Symbol.asyncDispose]: end,
  };
}

/** The stages in which it is the program, or its request, that cannot be started. */
const OF_PROGRAM: readonly string[] = ['program', 'fork', 'pipe', 'directory'];

function describeEnd(request: ProcessRequest, report: KeeperReport): ProcessEnd | NotStarted {
  if (report.kind !== 'failed') return report;
  const reason = OF_PROGRAM.includes(report.stage) ? explainStartFailure(request, report.code) : report.what;
  return { kind: 'not-started', reason, isLost: isLost(report) };
}
