import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { OutputFormat, ParameterDelivery, ParameterFormat, Parameters } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import type { ExecutionResult, LogSink, Outcome, StreamName } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter, ProcessEnv, RuntimeFamily, VariableChanges } from '#domain/runtime.ts';
import { changeVariables, childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import {
  type CommandReport,
  type CommandRequest,
  runCommand,
  type StopSignals,
} from '#execution/process/run-command.ts';
import { giveTo, type Sandbox, type SandboxRun } from '#execution/sandbox/sandbox.ts';
import { describeResult } from './describe-result.ts';
import { formatParameters } from './format-parameters.ts';
import type { WorkDirectory, WorkPlace } from './work-place.ts';

/** One execution of one script, with everything decided. */
export interface ScriptRequest {
  readonly family: RuntimeFamily;
  readonly interpreter: Pick<Interpreter, 'path' | 'realPath'>;
  readonly script: ScriptSource;
  /** The whole command line; undefined: that of the family. */
  readonly command?: readonly string[] | undefined;
  /** Of its runtime and its environment. */
  readonly runtimeVariables?: VariableChanges | undefined;
  readonly parameters: Parameters;
  readonly parameterDelivery: ParameterDelivery;
  readonly parameterFormat: ParameterFormat;
  readonly outputFormat: OutputFormat;
  /** The variables of the action contract, `ATTUNE_…`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where its artifacts stay, made if absent; undefined: they are removed with its work directory. */
  readonly artifactsDirectory: string | undefined;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly logLimitBytes: Readonly<Record<StreamName, number>>;
}

/** A file, by absolute path, and the directory it runs in; or text, which becomes a file of its private work directory. */
export type ScriptSource = { readonly file: string; readonly cwd: string } | { readonly code: string };

export interface ScriptContext {
  /** The agent's own environment; only the allowlist of it reaches the script. */
  readonly env: ProcessEnv;
  readonly workPlace: WorkPlace;
  readonly sink: LogSink;
  readonly signals: StopSignals;
  /** Undefined: scripts may do what the agent may. */
  readonly sandbox?: Sandbox | undefined;
  /** Called at the end, while the directory is there, when its artifacts are not to stay where they are. */
  readonly keepArtifacts?: (directory: string) => Promise<void>;
}

/** Runs a script with a private work directory and a clean environment. Rejects only when the sink does. */
export async function executeScript(
  request: ScriptRequest,
  context: ScriptContext,
): Promise<{ outcome: Outcome; result: ExecutionResult }> {
  const { report, exceeded } = await prepareAndRun(request, context);
  return { outcome: report.outcome, result: describeResult(report, request.outputFormat, exceeded) };
}

/** `exceeded`: the limit that it has met. */
interface Ran {
  readonly report: CommandReport;
  readonly exceeded?: string | undefined;
}

async function prepareAndRun(request: ScriptRequest, context: ScriptContext): Promise<Ran> {
  const flaw = 'file' in request.script ? describeUnusableScript(request.script.file) : undefined;
  if (flaw) return notStarted(flaw);
  await using resources = new AsyncDisposableStack();
  const prepared = prepare(request, context, resources);
  if (!prepared.ok) return notStarted(prepared.error);
  const { command, artifacts, run } = prepared.value;
  const report = await runCommand(command, context.sink, context.signals);
  if (context.keepArtifacts && report.outcome.kind !== 'not-started') await context.keepArtifacts(artifacts);
  return { report, exceeded: run?.exceeded() };
}

/** The error says why nothing could be written, e.g. a full disk. */
function prepare(
  request: ScriptRequest,
  context: ScriptContext,
  resources: AsyncDisposableStack,
): Result<
  { readonly command: CommandRequest; readonly artifacts: string; readonly run: SandboxRun | undefined },
  string
> {
  try {
    const work = resources.use(context.workPlace.createDirectory());
    const artifacts = artifactsOf(request, work);
    const made = mkdirSync(artifacts, { recursive: true });
    const text = formatParameters(request.parameters, request.parameterFormat);
    if (!text.ok) return text;
    if (request.parameterDelivery === 'file') writePrivately(parameterFileIn(work), text.value);
    const { file, cwd } = placeScript(request, work);
    const { sandbox } = context;
    if (sandbox?.user !== undefined)
      for (const directory of [work.path, ...(made === undefined ? [] : [artifacts])]) giveTo(sandbox.user, directory);
    const run = sandbox?.open([work.path, artifacts]);
    resources.defer(async () => await run?.close());
    const command = {
      launcher: run?.launcher,
      command: commandLine(request, { file, work }),
      cwd,
      env: environmentOf(request, context, work),
      input: Buffer.from(request.parameterDelivery === 'stdin' ? text.value : ''),
      timeoutMs: request.timeoutMs,
      graceMs: request.graceMs,
      logLimitBytes: request.logLimitBytes,
    };
    return success({ command, artifacts, run });
  } catch (error) {
    return failure(`its work directory cannot be filled: ${messageOf(error)}`);
  }
}

function notStarted(reason: string): Ran {
  const nothing = { bytes: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0, isTruncated: false };
  return {
    report: { outcome: { kind: 'not-started', reason }, durationMs: 0, stdout: nothing, stderr: nothing },
  };
}

function describeUnusableScript(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return `${file} does not exist`;
  if (stat.isDirectory()) return `${file} is a directory, not a script`;
  return stat.isFile() ? undefined : `${file} is not a regular file`;
}

function artifactsOf({ artifactsDirectory }: ScriptRequest, work: WorkDirectory): string {
  return artifactsDirectory ?? work.artifacts;
}

function parameterFileIn(work: WorkDirectory): string {
  return join(work.path, 'parameters');
}

function writePrivately(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o400, flag: 'wx' });
  chmodSync(path, 0o400); /* whatever the umask */
}

function placeScript({ script, family }: ScriptRequest, work: WorkDirectory): { file: string; cwd: string } {
  if ('file' in script) return script;
  const file = join(work.path, `script${family.script.extensions[0] ?? ''}`);
  writeFileSync(file, script.code, { mode: 0o600, flag: 'wx' });
  return { file, cwd: work.path };
}

function commandLine(
  { family, interpreter, command }: ScriptRequest,
  { file, work }: { readonly file: string; readonly work: WorkDirectory },
): readonly string[] {
  if (command !== undefined) return command;
  return (family.script.others?.[extname(file)] ?? family.script.command).map((part) =>
    part
      .replace('{interpreter}', () => interpreter.path)
      .replace(/\{sibling:([^}]+)\}/, (_, name: string) => siblingOf(interpreter, name))
      .replace('{file}', () => file)
      .replace('{work}', () => work.path),
  );
}

/** `ghc-9.4` has its `runghc` beside it, or beside the file it links to. */
function siblingOf({ path, realPath }: ScriptRequest['interpreter'], name: string): string {
  const beside = [path, realPath].map((one) => join(dirname(one), name));
  return beside.find((one) => existsSync(one)) ?? beside[0] ?? name;
}

function environmentOf(
  request: ScriptRequest,
  { env, workPlace, sandbox }: ScriptContext,
  work: WorkDirectory,
): Record<string, string> {
  const isApart = sandbox?.hasOwnHome ?? false;
  const { USER: _, LOGNAME: __, ...withoutUser } = env;
  const inherited = {
    ...(workPlace.hasHome && !isApart
      ? {}
      : homelessEnvironment(request.family, isApart ? work.temporary : workPlace.cache)),
    ...childEnvironment(isApart ? withoutUser : env, request.family, request.interpreter.path),
    ...(isApart && { HOME: work.temporary }),
  };
  return {
    ...changeVariables(inherited, request.runtimeVariables ?? {}),
    TMPDIR: work.temporary,
    ...request.variables,
    ATTUNE_ARTIFACTS_DIR: artifactsOf(request, work),
    ATTUNE_RUNTIME_ENVS_DIR: workPlace.environments,
    ATTUNE_PARAMETER_DELIVERY: request.parameterDelivery,
    ATTUNE_PARAMETER_FORMAT: request.parameterFormat,
    ...(request.parameterDelivery === 'file' ? { ATTUNE_PARAMETER_FILE: parameterFileIn(work) } : {}),
  };
}
