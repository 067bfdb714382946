import { dirname, resolve } from 'node:path';
import type { Config } from '#config/schema.ts';
import type { Action, Parameters } from '#domain/action.ts';
import type { ActionVariables } from '#domain/action-variables.ts';
import { TIMEOUT_FORMS, timeoutOf } from '#domain/duration-text.ts';
import { families, findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { tooManySecrets } from '#domain/secret-bounds.ts';
import type { ScriptPlace } from '#execution/environments/plan.ts';
import { GRACE_MS } from '#execution/process/end-group.ts';
import type { CommandLimits } from '#execution/process/run-command.ts';
import { advertisedRuntimes } from '#execution/runtimes/detect.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import { loadAction } from '#packs/load-action.ts';
import { checkParameters } from '#packs/parameter-schema.ts';
import { takeSecrets } from '#packs/secret-output.ts';
import { chooseRuntime, type RuntimeChoice } from '#worker/choose-runtime.ts';
import { detectVisibly } from './detect-visibly.ts';
import { readParameters } from './read-parameters.ts';
import { familyHere, flawOfRuntime, isScript } from './script-here.ts';

export interface RunOptions {
  readonly param: readonly string[];
  readonly params?: string;
  /** Parameters that are values already, in place of `param` and `params`. */
  readonly values?: Parameters;
  /** The time limit, as seconds or a duration. */
  readonly timeout?: string;
  /** The limit of each stream in bytes, as text. */
  readonly logLimit?: string;
  readonly artifacts?: string;
  /** The runtime that runs a script. */
  readonly runtime?: string;
  readonly config?: string;
}

interface RunContext {
  readonly env: ProcessEnv;
  readonly config: Config;
  readonly stop: AbortSignal;
}

export interface PreparedRun {
  readonly request: ScriptRequest;
  /** The place of the script in its pack. Undefined: the script is in no pack. */
  readonly place: ScriptPlace | undefined;
  /** Sentences for the person who runs the script. */
  readonly notes: readonly string[];
  /** Values that the output must not show. */
  readonly secrets: readonly unknown[];
}

/** Turns the arguments of `run` into a request, and starts nothing. The error is a sentence for the user. */
export async function prepareRun(
  what: string,
  options: RunOptions,
  context: RunContext,
): Promise<Result<PreparedRun, string>> {
  const limits = readLimits(options);
  if (!limits.ok) return limits;
  const { config } = context;
  const target = findTarget(what, options, config);
  if (!target.ok) return target;
  const { action, file } = target.value;
  const parameters = chooseParameters(what, options, action?.parameterSchema);
  if (!parameters.ok) return parameters;
  const choice = await findInterpreter(what, target.value, context);
  if (!choice.ok) return choice;
  const { config: runtime, notes, ...chosen } = choice.value;
  const request: ScriptRequest = {
    program: chosen,
    script: { file, cwd: action?.pack.directory ?? process.cwd() },
    parameters: {
      values: parameters.value,
      delivery: action?.parameterDelivery ?? 'stdin',
      format: action?.parameterFormat ?? 'json',
    },
    outputFormat: action?.outputFormat ?? 'text',
    variables: variablesOf(what, action),
    artifactsDirectory: options.artifacts === undefined ? undefined : resolve(options.artifacts),
    limits: limitsWithin(limits.value, action, config.worker),
  };
  const secrets = takeSecrets(parameters.value, action?.parameterSchema).secrets.map(({ value }) => value);
  const tooMany = tooManySecrets(secrets);
  if (tooMany !== undefined) return failure(`${what}: it has ${tooMany}`);
  return success({ request, secrets, notes, place: action && { ...chosen, pack: action.pack, file, config: runtime } });
}

interface GivenLimits {
  readonly timeoutSeconds: number | undefined;
  /** The limits of the log in bytes; empty if no limit was given. */
  readonly logLimitBytes: { readonly stdout?: number; readonly stderr?: number };
}

function readLimits({ timeout, logLimit }: RunOptions): Result<GivenLimits, string> {
  const seconds = timeout === undefined ? undefined : timeoutOf(timeout);
  if (timeout !== undefined && seconds === undefined) return failure(`--timeout ${timeout}: ${TIMEOUT_FORMS}`);
  const bytes = readNumber(logLimit, '--log-limit');
  if (!bytes.ok) return bytes;
  const both = bytes.value === undefined ? {} : { stdout: bytes.value, stderr: bytes.value };
  return success({ timeoutSeconds: seconds, logLimitBytes: both });
}

/** The limits of the call, else of the action, else of the configuration. */
function limitsWithin(given: GivenLimits, action: Action | undefined, worker: Config['worker']): CommandLimits {
  return {
    timeoutMs: (given.timeoutSeconds ?? action?.timeoutSeconds ?? worker.task_timeout) * 1000,
    graceMs: GRACE_MS,
    logLimitBytes: { stdout: worker.max_stdout_bytes, stderr: worker.max_stderr_bytes, ...given.logLimitBytes },
  };
}

function chooseParameters(
  what: string,
  options: RunOptions,
  schema: Action['parameterSchema'],
): Result<Parameters, string> {
  const given = options.values ? success(options.values) : readParameters(options, schema);
  if (!given.ok) return given;
  const checked = checkParameters(given.value, schema);
  return checked.ok ? checked : failure(`${what}: ${checked.error.join('; ')}`);
}

/** Detects only the runtime families that this execution needs, and chooses its interpreter. */
async function findInterpreter(
  what: string,
  { runtime, action, file }: Target,
  { env, stop }: RunContext,
): Promise<Result<RuntimeChoice, string>> {
  const required = action?.requiredRuntimes ?? [];
  const needed = [runtime, ...required].map(findFamily);
  const wanted = families.filter((family) => needed.includes(family));
  const { interpreters } = await detectVisibly(env, { families: wanted, stop });
  const here = advertisedRuntimes(interpreters);
  const missing = required.filter((name) => !here.includes(findFamily(name)?.name ?? ''));
  if (missing.length > 0) return failure(`${what}: required_worker_runtimes not found here: ${missing.join(', ')}`);
  const requested = { name: runtime, constraint: action?.runtimeVersion, config: action?.runtime.config };
  const script = { file, cwd: action?.pack.directory ?? dirname(file) };
  const choice = chooseRuntime(script, requested, interpreters);
  return choice.ok ? choice : failure(`${what}: ${choice.error}`);
}

interface Target {
  /** The name of a runtime family, or an alias of it. */
  readonly runtime: string;
  readonly file: string;
  readonly action: Action | undefined;
}

function findTarget(what: string, { runtime }: RunOptions, config: Config): Result<Target, string> {
  if (isScript(what)) return scriptTarget(what, runtime);
  const flaw = flawOfRuntime(what, runtime);
  return flaw === undefined ? actionTarget(config.packs_base_dir, what) : failure(flaw);
}

function actionTarget(packs: string, ref: string): Result<Target, string> {
  const action = loadAction(packs, ref);
  if (!action.ok) return failure(action.error.message);
  return success({ runtime: action.value.runtime.name, file: action.value.entryPoint, action: action.value });
}

function scriptTarget(path: string, runtime: string | undefined): Result<Target, string> {
  const family = familyHere(path, runtime);
  return family.ok ? success({ runtime: family.value.name, file: resolve(path), action: undefined }) : family;
}

function variablesOf(what: string, action: Action | undefined): ActionVariables {
  return {
    ATTUNE_EXEC_ID: '0' /* no database, no id */,
    ATTUNE_ATTEMPT: '1',
    ATTUNE_ACTION: action?.ref ?? what,
    ...(action ? { ATTUNE_PACK_REF: action.pack.ref } : {}),
  };
}

/** Reads the value of a numeric option. Undefined if it was not given. */
function readNumber(text: string | undefined, option: string): Result<number | undefined, string> {
  if (text === undefined) return success(undefined);
  const value = Number(text);
  const isPositive = value > 0 && Number.isFinite(value);
  return isPositive ? success(value) : failure(`${option} ${text}: expected a positive number`);
}
