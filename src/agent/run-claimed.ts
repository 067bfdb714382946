import { chooseInterpreter } from '#detect/choose-interpreter.ts';
import type { ExecutionResult, LogSink, Outcome, StreamName } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Environment, Interpreter } from '#domain/runtime.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/store.ts';
import { executeScript, type ScriptRequest, type ScriptSource } from '#execute/execute-script.ts';
import type { StopSignals } from '#execute/run-command.ts';
import type { WorkPlace } from '#execute/work-place.ts';
import { locateScript } from '#packs/locate-script.ts';

/** What this worker runs executions with. */
export interface ExecutionSettings {
  readonly env: Environment;
  readonly workPlace: WorkPlace;
  /** Those of the advertised runtimes. */
  readonly interpreters: readonly Interpreter[];
  readonly packsDirectory: string;
  readonly apiUrl: string | undefined;
  /** Where nobody says otherwise. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly logLimitBytes: Readonly<Record<StreamName, number>>;
}

/** Runs it to its end. What cannot be started is an outcome too. */
export async function runClaimed(
  claimed: ClaimedExecution,
  settings: ExecutionSettings,
  { sink, signals }: { readonly sink: LogSink; readonly signals: StopSignals },
): Promise<{ readonly outcome: Outcome; readonly result: ExecutionResult }> {
  const request = prepare(claimed, settings);
  if (!request.ok) {
    const { error: reason } = request;
    return {
      outcome: { kind: 'not-started', reason },
      result: { succeeded: false, error: `not started: ${reason}`, duration_ms: 0 },
    };
  }
  return await executeScript(request.value, { env: settings.env, workPlace: settings.workPlace, sink, signals });
}

function prepare(claimed: ClaimedExecution, settings: ExecutionSettings): Result<ScriptRequest, string> {
  const { action } = claimed;
  if (!action) return failure(`its action ${claimed.actionRef} does not exist any more`);
  const script = locate(action, settings);
  if (!script.ok) return script;
  const choice = chooseInterpreter(action.runtime ?? 'shell', action.versionConstraint, settings.interpreters);
  if (!choice.ok) return failure(choice.error.message);
  const timeoutSeconds = claimed.timeoutSeconds ?? action.timeoutSeconds;
  return success({
    ...choice.value,
    script: script.value,
    parameters: claimed.parameters,
    parameterDelivery: action.parameterDelivery,
    parameterFormat: action.parameterFormat,
    outputFormat: action.outputFormat,
    variables: variablesOf(claimed, 'packRef' in action.script ? action.script.packRef : '', settings.apiUrl),
    artifactsDirectory: undefined,
    timeoutMs: timeoutSeconds === undefined ? settings.timeoutMs : timeoutSeconds * 1000,
    graceMs: settings.graceMs,
    logLimitBytes: settings.logLimitBytes,
  });
}

function locate({ script }: ClaimedAction, { packsDirectory }: ExecutionSettings): Result<ScriptSource, string> {
  if ('code' in script) return success(script);
  const found = locateScript(packsDirectory, script.packRef, script.entryPoint);
  return found.ok ? success({ file: found.value.file, cwd: found.value.directory }) : found;
}

/** The execution's own variables may not pretend to be the agent's. */
function variablesOf(claimed: ClaimedExecution, packRef: string, apiUrl: string | undefined): Record<string, string> {
  return {
    ...claimed.envVars,
    ATTUNE_EXEC_ID: claimed.execution,
    ATTUNE_ATTEMPT: String(claimed.attempt),
    ATTUNE_ACTION: claimed.actionRef,
    ATTUNE_PACK_REF: packRef,
    ...(apiUrl === undefined ? {} : { ATTUNE_API_URL: apiUrl }),
  };
}
