import type { StoredFile } from '#domain/artifact.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import type { LogSink, SecretValue } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { say } from '#execution/environments/build.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { runMasked } from '#execution/masking/run-masked.ts';
import { runCommand, type StopSignals } from '#execution/process/run-command.ts';
import { describeResult, type ScriptEnd, type UnstartedOutcome, unstarted } from '#execution/script/describe-result.ts';
import { openScript } from '#execution/script/open-script.ts';
import { chooseRuntime, type RuntimeRequest } from './choose-runtime.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import { findScript } from './find-script.ts';
import { describeArtifacts, keepArtifacts, nothingKept } from './keep-artifacts.ts';
import { prepareScript } from './prepare-script.ts';
import { scriptPlaceOf, scriptRequestOf } from './script-request.ts';
import { openResultSink, secretsOf, takeSecretResults } from './secret-results.ts';

interface RunDependencies {
  readonly settings: ExecutionSettings;
  readonly environments: PackEnvironments;
  readonly sink: LogSink;
  readonly signals: StopSignals;
}

export interface ClaimedEnd extends ScriptEnd {
  readonly artifacts: readonly StoredFile[];
  readonly secrets: readonly SecretValue[];
}

/**
 * Takes an execution from its claim to its result: every step in order, each in a file of its own. A step that cannot
 * be taken is an outcome too, `not-started` with the reason; it rejects for defects only, and when the sink does.
 */
export async function runClaimed(claimed: ClaimedExecution, deps: RunDependencies): Promise<ClaimedEnd> {
  const { settings, environments, signals } = deps;
  return await runMasked(secretsOf(claimed, settings.secrets), deps.sink, async (sink, masker) => {
    const action = actionOf(claimed);
    if (!action.ok) return notStarted(action.error);
    const script = await findScript(action.value, settings.packs, signals.cancel);
    if (!script.ok) return notStarted(script.error);
    const runtime = chooseRuntime(script.value, requestedRuntime(action.value), settings.interpreters);
    if (!runtime.ok) return notStarted(runtime.error);
    await sayAll(sink, runtime.value.notes);
    const choices = { action: action.value, script: script.value, runtime: runtime.value };

    await using resources = new AsyncDisposableStack();
    const request = scriptRequestOf(claimed, choices, settings);
    const prepared = await prepareScript(request, scriptPlaceOf(choices), { environments, sink, signals });
    if (!prepared.ok) return neverBegan(prepared.error);
    const opened = await openScript(resources.use(prepared.value).request, settings.host);
    if (!opened.ok) return notStarted(opened.error);
    const { command, exceeded, ...left } = resources.use(opened.value);

    const output = openResultSink(sink, masker, action.value.outputSchema);
    const report = await runCommand(command, output, signals);
    const hasRun = report.outcome.kind !== 'not-started';
    const kept = hasRun
      ? await keepArtifacts({ directory: left.artifacts, owner: left.owner }, claimed, {
          ...settings.artifacts,
          sink: output,
        })
      : nothingKept;
    const { work } = settings.host;
    const whole = await describeResult(report, request.outputFormat, { exceeded: exceeded(), work });
    await resources.disposeAsync();

    const { result, secrets } = takeSecretResults(whole, action.value.outputSchema);
    await output.show(secrets);
    return {
      outcome: report.outcome,
      result: { ...result, ...describeArtifacts(kept) },
      secrets,
      artifacts: kept.files,
    };
  });
}

/** The action of a claimed execution; the error says why it cannot be known. */
function actionOf({ action, actionRef, keysProblem }: ClaimedExecution): Result<ClaimedAction, string> {
  if (!action) return failure(`its action ${actionRef} does not exist any more`);
  return keysProblem === undefined ? success(action) : failure(keysProblem);
}

function requestedRuntime({ runtime, versionConstraint, runtimeConfig }: ClaimedAction): RuntimeRequest {
  return { name: runtime ?? 'shell', constraint: versionConstraint, config: runtimeConfig };
}

async function sayAll(sink: LogSink, notes: readonly string[]): Promise<void> {
  for (const note of notes) await say(sink, note);
}

function notStarted(reason: string): ClaimedEnd {
  return neverBegan({ kind: 'not-started', reason });
}

function neverBegan(outcome: UnstartedOutcome): ClaimedEnd {
  return { ...unstarted(outcome), artifacts: [], secrets: [] };
}
