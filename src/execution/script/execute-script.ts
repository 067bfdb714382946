import type { LogSink } from '#domain/execution.ts';
import { runCommand, type StopSignals } from '#execution/process/run-command.ts';
import { describeResult, type ScriptEnd, unstarted } from './describe-result.ts';
import { openScript, type ScriptHost, type ScriptRequest } from './open-script.ts';

export interface ScriptContext extends ScriptHost {
  readonly sink: LogSink;
  readonly signals: StopSignals;
}

/** Runs a script with a private work directory and a clean environment. Rejects only when the sink does. */
export async function executeScript(request: ScriptRequest, context: ScriptContext): Promise<ScriptEnd> {
  const opened = await openScript(request, context);
  if (!opened.ok) return unstarted({ kind: 'not-started', reason: opened.error.reason });
  await using script = opened.value;
  const report = await runCommand(script.command, context.sink, context.signals);
  const result = await describeResult(report, request.outputFormat, {
    exceeded: script.exceeded(),
    work: context.work,
  });
  return { outcome: report.outcome, result };
}
