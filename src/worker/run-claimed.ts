import type { OutputFormat } from '#domain/action.ts';
import type { StoredFile } from '#domain/artifact.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ExecutionResult, LogSink, SecretValue } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { tooManySecrets } from '#domain/secret-bounds.ts';
import { pathOfLog } from '#domain/shared-volume.ts';
import type { NotPrepared } from '#execution/environments/ensure.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { say } from '#execution/environments/say.ts';
import { runMasked } from '#execution/masking/run-masked.ts';
import { type CommandReport, runCommand, type StopSignals } from '#execution/process/run-command.ts';
import { describeJoinedResult, describeJoinedUnstarted } from '#execution/script/describe-joined-result.ts';
import { describeResult, type ScriptEnd, type UnstartedOutcome, unstarted } from '#execution/script/describe-result.ts';
import { type OpenFailure, openScript, type ScriptRequest } from '#execution/script/open-script.ts';
import type { CheckWrapper } from './check-wrapper.ts';
import { chooseRuntime, type RuntimeRequest } from './choose-runtime.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import { withExecutionToken } from './execution-token.ts';
import { findScript } from './find-script.ts';
import {
  describeArtifacts,
  type KeepDependencies,
  type KeptArtifacts,
  keepArtifacts,
  nothingKept,
} from './keep-artifacts.ts';
import type { Leases } from './leases.ts';
import type { PlaceFailure } from './place.ts';
import type { Places } from './places.ts';
import { prepareScript, unpreparedOutcome } from './prepare-script.ts';
import { scriptPlaceOf, scriptRequestOf } from './script-request.ts';
import { givenSecrets, limitHeldBack, maskerFor, openResultSink, takeSecretResults } from './secret-results.ts';
import type { Stages } from './trace-attempt.ts';

interface RunDependencies {
  readonly settings: ExecutionSettings;
  readonly environments: PackEnvironments;
  readonly places: Pick<Places, 'retry'>;
  readonly leases: Pick<Leases, 'untilSure'>;
  readonly checkWrapper: CheckWrapper;
  readonly sink: LogSink;
  readonly signals: StopSignals;
  readonly stages: Stages;
}

export interface ClaimedEnd extends ScriptEnd {
  readonly artifacts: readonly StoredFile[];
  readonly secrets: readonly SecretValue[];
  /** The place that could not be written to, so that it did not start; undefined: that was not the reason. */
  readonly unwritten?: PlaceFailure;
}

/**
 * Takes an execution from its claim to its result: every step in order, each in a file of its own. A step that cannot
 * be taken is an outcome too, `not-started` with the reason; it rejects for defects only, and when the sink does.
 */
export async function runClaimed(claimed: ClaimedExecution, deps: RunDependencies): Promise<ClaimedEnd> {
  const { settings, environments, places, leases, checkWrapper, signals, stages } = deps;
  const since = performance.now();
  const notStarted = (reason: string): ClaimedEnd => neverBegan({ kind: 'not-started', reason }, claimed);
  const tooMany = tooManySecrets(givenSecrets(claimed));
  if (tooMany !== undefined) return notStarted(`it has ${tooMany}`);
  const masker = await maskerFor(claimed, settings.masker);
  return await runMasked(masker, deps.sink, async (sink) => {
    await sayAll(sink, notesOf(claimed));
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
    const flawOf = (one: ScriptRequest) => checkWrapper(one, settings.host, signals.cancel);
    const place = scriptPlaceOf(choices);
    const io = { environments, flawOf, sink, signals };
    const prepared = await stages.during('environment', () => prepareScript(request, place, io));
    if (!prepared.ok) return notPrepared(prepared.error, claimed);
    const granted = withExecutionToken(resources.use(prepared.value).request, claimed, { ...settings.joined, masker });
    const opened = await openScript(granted, settings.host);
    if (!opened.ok) return notOpened(opened.error, claimed);
    const { command, exceeded, ...left } = resources.use(opened.value);

    const output = openResultSink(sink, masker, action.value.outputSchema);
    const limited = { ...command, logLimitBytes: limitHeldBack(command.logLimitBytes, action.value.outputSchema) };
    await leases.untilSure(claimed, signals.cancel);
    const preparedMs = Math.round(performance.now() - since);
    const report = await stages.during('run', (trace) => runCommand(withTrace(limited, trace), output, signals));
    await left.end();
    const from = { directory: left.artifacts, owner: left.owner, isEmpty: left.hasNoArtifacts };
    const keeping = { ...settings.artifacts, from, sink: output, places, stop: signals.cancel };
    const kept = await keepLeft(report, claimed, keeping);
    const ended = { report, format: request.outputFormat, exceeded: exceeded() };
    const whole = await describeEnd(claimed, ended, settings);
    await resources.disposeAsync();

    const { result, secrets } = takeSecretResults(whole, action.value.outputSchema, isJoined(claimed));
    await output.show(secrets);
    return {
      outcome: report.outcome,
      result: { ...result, ...(isJoined(claimed) ? {} : { prepared_ms: preparedMs }), ...describeArtifacts(kept) },
      secrets,
      artifacts: kept.files,
    };
  });
}

/** A command whose program learns to which span its own ones belong. */
function withTrace<T extends { readonly env: ProcessEnv }>(command: T, traceparent: string | undefined): T {
  return traceparent === undefined ? command : { ...command, env: { ...command.env, TRACEPARENT: traceparent } };
}

interface DescribedEnd {
  readonly report: CommandReport;
  readonly format: OutputFormat;
  readonly exceeded: string | undefined;
}

/** The result in the form that its control plane reads. */
async function describeEnd(
  claimed: ClaimedExecution,
  { report, format, exceeded }: DescribedEnd,
  { joined: { volume }, host: { work } }: ExecutionSettings,
): Promise<ExecutionResult> {
  if (!isJoined(claimed)) return await describeResult(report, format, { exceeded, work });
  const log = pathOfLog({ execution: claimed.execution, stream: 'stderr' });
  const stderrLog = volume && `${volume.directory}/${log}`;
  return await describeJoinedResult(report, format, { exceeded, work, stderrLog });
}

/** Keeps what the script has left. What a joined execution leaves belongs to the API that it was registered with. */
async function keepLeft(
  { outcome }: CommandReport,
  claimed: ClaimedExecution,
  { from, ...deps }: KeepDependencies & { readonly from: LeftFiles },
): Promise<KeptArtifacts> {
  if (outcome.kind === 'not-started' || isJoined(claimed) || from.isEmpty()) return nothingKept;
  return await keepArtifacts(from, claimed, deps);
}

type LeftFiles = Parameters<typeof keepArtifacts>[0] & { isEmpty(): boolean };

function isJoined({ joined }: ClaimedExecution): boolean {
  return joined !== undefined;
}

function notesOf({ joined }: ClaimedExecution): readonly string[] {
  return joined?.notes ?? [];
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

function notPrepared(error: NotPrepared, claimed: ClaimedExecution): ClaimedEnd {
  const end = neverBegan(unpreparedOutcome(error), claimed);
  return error.kind === 'failed' && error.isFull
    ? { ...end, unwritten: { place: 'environments', error: noRoom, bytes: 0 } }
    : end;
}

const noRoom = Object.assign(new Error('no space is left'), { code: 'ENOSPC' });

function notOpened({ reason, unwritten }: OpenFailure, claimed: ClaimedExecution): ClaimedEnd {
  const end = neverBegan({ kind: 'not-started', reason }, claimed);
  return { ...end, ...(unwritten && { unwritten: { place: 'work directory', ...unwritten } }) };
}

function neverBegan(outcome: UnstartedOutcome, { joined }: ClaimedExecution): ClaimedEnd {
  const end = joined ? { outcome, result: describeJoinedUnstarted(outcome) } : unstarted(outcome);
  return { ...end, artifacts: [], secrets: [] };
}
