import type { ArtifactSink, StoredFile } from '#domain/artifact.ts';
import type { ClaimedAction, ClaimedExecution, PackScript } from '#domain/claimed-execution.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import type { ExecutionResult, LogSink, SecretValue, StreamName } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter, ProcessEnv } from '#domain/runtime.ts';
import { say } from '#execution/environments/build.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import type { Masker } from '#execution/masking/masker.ts';
import { runMasked } from '#execution/masking/run-masked.ts';
import type { StopSignals } from '#execution/process/run-command.ts';
import type { Sandbox } from '#execution/sandbox/sandbox.ts';
import type { ScriptRequest, ScriptSource } from '#execution/script/execute-script.ts';
import type { WorkPlace } from '#execution/script/work-place.ts';
import type { PackCache } from '#packs/fetch-pack.ts';
import { locateIn, locateScript } from '#packs/locate-script.ts';
import { hasSecrets, takeSecrets } from '#packs/secret-output.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { type ArtifactLimits, type KeptArtifacts, keepArtifacts } from './keep-artifacts.ts';
import { type Ended, notStarted, runPrepared } from './run-prepared.ts';

/** What this worker runs executions with. */
export interface ExecutionSettings {
  readonly env: ProcessEnv;
  readonly workPlace: WorkPlace;
  readonly sandbox: Sandbox | undefined;
  /** The agent's own. */
  readonly secrets: readonly string[];
  /** Those of the advertised runtimes. */
  readonly interpreters: readonly Interpreter[];
  readonly packsDirectory: string;
  /** Packs that are not there are fetched; undefined: they are missing. */
  readonly packCache: PackCache | undefined;
  readonly artifacts: { readonly storage: ArtifactSink | undefined; readonly limits: ArtifactLimits };
  /** When dependencies are installed. */
  readonly prepares: 'lazy' | 'ahead';
  readonly apiUrl: string | undefined;
  /** Where nobody says otherwise. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly logLimitBytes: Readonly<Record<StreamName, number>>;
  openEnvironments(ledger: PackEnvironmentLedger): PackEnvironments;
}

interface RunDependencies {
  readonly settings: ExecutionSettings;
  readonly environments: PackEnvironments;
  readonly sink: LogSink;
  readonly signals: StopSignals;
}

export interface ClaimedEnd extends Ended {
  readonly artifacts: readonly StoredFile[];
  readonly secrets: readonly SecretValue[];
}

/** Runs it to its end. What cannot be started is an outcome too. */
export async function runClaimed(claimed: ClaimedExecution, deps: RunDependencies): Promise<ClaimedEnd> {
  const given = takeSecrets(claimed.parameters, claimed.action?.parameterSchema).secrets.map(({ value }) => value);
  const token = claimed.apiToken === undefined ? [] : [claimed.apiToken];
  const secrets = [...Object.values(claimed.keys), ...given, ...token, ...deps.settings.secrets];
  return await runMasked(secrets, deps.sink, (sink, masker) => runUnmasked(claimed, { ...deps, sink }, masker));
}

async function runUnmasked(claimed: ClaimedExecution, deps: RunDependencies, masker: Masker): Promise<ClaimedEnd> {
  const { settings } = deps;
  const prepared = await prepare(claimed, deps);
  if (!prepared.ok) return { ...notStarted(prepared.error), artifacts: [], secrets: [] };
  const schema = claimed.action?.outputSchema;
  const held = hasSecrets(schema) ? holdOutput(deps.sink) : undefined;
  const sink = held ?? deps.sink;
  const { request, place } = prepared.value;
  let kept: KeptArtifacts = { files: [], problems: [] };
  const ended = await runPrepared(request, place, {
    ...deps,
    sink,
    env: settings.env,
    workPlace: settings.workPlace,
    sandbox: settings.sandbox,
    keepArtifacts: async (directory) => {
      kept = await keepArtifacts(directory, claimed, settings.artifacts);
      for (const problem of kept.problems) await say(sink, problem);
    },
  });
  const { result, secrets } = withoutSecrets(ended.result, schema);
  await held?.show(secrets, masker);
  return { ...ended, result: { ...result, ...describeKept(kept) }, secrets, artifacts: kept.files };
}

/** What an action with secret outputs prints can be shown when they are known: at its end. */
function holdOutput(to: LogSink): LogSink & { show(secrets: readonly SecretValue[], masker: Masker): Promise<void> } {
  const held: Uint8Array[] = [];
  return {
    write: (stream, bytes) => (stream === 'stdout' ? void held.push(bytes.slice()) : to.write(stream, bytes)),
    show: async (secrets, masker) => {
      for (const { value } of secrets) masker.add(value);
      for (const bytes of held) await to.write('stdout', bytes);
    },
  };
}

/** What was taken out of the data is not left in the text either. */
function withoutSecrets(
  result: ExecutionResult,
  schema: unknown,
): { result: ExecutionResult; secrets: readonly SecretValue[] } {
  const { data, secrets } = takeSecrets(result.data, schema);
  if (secrets.length === 0) return { result, secrets };
  const { stdout: _, stdout_truncated: __, ...rest } = result;
  return { result: { ...rest, data }, secrets };
}

function describeKept({ files, problems }: KeptArtifacts): Pick<ExecutionResult, 'artifacts' | 'artifact_errors'> {
  return {
    ...(files.length > 0 && { artifacts: files.map(({ name, bytes, checksum }) => ({ name, bytes, checksum })) }),
    ...(problems.length > 0 && { artifact_errors: problems }),
  };
}

interface PreparedClaim {
  readonly request: ScriptRequest;
  /** Undefined: code that came along needs nothing. */
  readonly place: ScriptPlace | undefined;
}

async function prepare(
  claimed: ClaimedExecution,
  { settings, signals }: RunDependencies,
): Promise<Result<PreparedClaim, string>> {
  const { action } = claimed;
  if (!action) return failure(`its action ${claimed.actionRef} does not exist any more`);
  if (claimed.keysProblem !== undefined) return failure(claimed.keysProblem);
  const script = await locate(action, settings, signals.cancel);
  if (!script.ok) return script;
  const requested = {
    name: action.runtime ?? 'shell',
    constraint: action.versionConstraint,
    config: action.runtimeConfig,
  };
  const choice = chooseRuntime(requested, settings.interpreters);
  if (!choice.ok) return choice;
  const { config, ...chosen } = choice.value;
  const timeoutSeconds = claimed.timeoutSeconds ?? action.timeoutSeconds;
  const request = {
    ...chosen,
    script: script.value,
    parameters: { ...claimed.keys, ...claimed.parameters },
    parameterDelivery: action.parameterDelivery,
    parameterFormat: action.parameterFormat,
    outputFormat: action.outputFormat,
    variables: variablesOf(claimed, 'packRef' in action.script ? action.script.packRef : '', settings.apiUrl),
    artifactsDirectory: undefined,
    timeoutMs: timeoutSeconds === undefined ? settings.timeoutMs : timeoutSeconds * 1000,
    graceMs: settings.graceMs,
    logLimitBytes: settings.logLimitBytes,
  };
  if (!('packRef' in action.script && 'file' in script.value)) return success({ request, place: undefined });
  const { packRef, packVersion } = action.script;
  const pack = { ref: packRef, version: packVersion, directory: script.value.cwd };
  return success({ request, place: { ...chosen, pack, file: script.value.file, config } });
}

async function locate(
  { script }: ClaimedAction,
  { packsDirectory, packCache }: ExecutionSettings,
  stop: AbortSignal,
): Promise<Result<ScriptSource, string>> {
  if ('code' in script) return success(script);
  const here = locateScript(packsDirectory, script.packRef, script.entryPoint);
  const found =
    here.ok && here.value === undefined ? await fetchScript(script, { packsDirectory, packCache }, stop) : here;
  if (!found.ok) return found;
  return found.value
    ? success({ file: found.value.file, cwd: found.value.directory })
    : failure(notHere(script, packsDirectory));
}

async function fetchScript(
  { packRef, packChecksum, entryPoint }: PackScript,
  { packsDirectory, packCache }: Pick<ExecutionSettings, 'packsDirectory' | 'packCache'>,
  stop: AbortSignal,
): Promise<ReturnType<typeof locateScript>> {
  if (!packCache) return success(undefined);
  if (packChecksum === undefined)
    return failure(
      `pack ${packRef} is not in ${packsDirectory}, and it was registered without a checksum, so it cannot be fetched: register it again`,
    );
  const fetched = await packCache.get({ ref: packRef, checksum: packChecksum }, stop);
  return fetched.ok ? locateIn(fetched.value, packRef, entryPoint) : fetched;
}

function notHere({ packRef }: PackScript, packsDirectory: string): string {
  return `pack ${packRef} is not on this worker (looked in ${packsDirectory}): mount it there, or let the worker fetch it (ATTUNE_API_URL and ATTUNE_API_TOKEN, or ATTUNE_PACK_ARCHIVES)`;
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
    ...(claimed.apiToken === undefined ? {} : { ATTUNE_API_TOKEN: claimed.apiToken }),
  };
}
