import { chmodSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputFormat, ParameterDelivery, ParameterFormat, Parameters } from '#domain/action.ts';
import type { ActionVariables } from '#domain/action-variables.ts';
import { fileProblemOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { changeVariables, childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import { stampOf } from '#execution/process/file-stamp.ts';
import { giveTo } from '#execution/process/give-to.ts';
import type { CommandLimits, CommandRequest } from '#execution/process/run-command.ts';
import type { Sandbox } from '#execution/sandbox/sandbox.ts';
import { commandLine, type ScriptProgram } from './command-line.ts';
import { type DataWork, dataWorkHere } from './data-work.ts';
import type { WorkDirectory } from './work-directories.ts';
import type { WorkPlace } from './work-place.ts';

/** A request to execute one script, with everything decided. */
export interface ScriptRequest {
  readonly program: ScriptProgram;
  readonly script: ScriptSource;
  readonly parameters: ScriptParameters;
  readonly outputFormat: OutputFormat;
  /** The variables of the action contract, `ATTUNE_…`. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * The directory in which the artifacts stay, made if absent; undefined if they are removed with the work directory.
   */
  readonly artifactsDirectory: string | undefined;
  readonly limits: CommandLimits;
}

interface ScriptParameters {
  readonly values: Parameters;
  readonly delivery: ParameterDelivery;
  readonly format: ParameterFormat;
  /** True if the code holds them already: stdin is empty. */
  readonly areInCode?: boolean | undefined;
}

/**
 * The source of a script: a file, by absolute path, and the directory it runs in, or text, which becomes a file of the
 * private work directory.
 */
export type ScriptSource = { readonly file: string; readonly cwd: string } | { readonly code: string };

/** The place where scripts run on this machine, and the sandbox in which they run. */
export interface ScriptHost {
  /** The agent's own environment; only the allowlist of it reaches the script. */
  readonly env: ProcessEnv;
  readonly workPlace: WorkPlace;
  /** The sandbox of scripts; undefined means that scripts may do what the agent may. */
  readonly sandbox?: Sandbox | undefined;
  /** Reads and writes the data of executions; left out: here and at once. */
  readonly work?: DataWork | undefined;
}

/** A script that is ready to be run. Disposed, its work directory and its sandbox are gone. */
export interface OpenScript extends AsyncDisposable {
  readonly command: CommandRequest;
  /** The directory in which it leaves its artifacts. */
  readonly artifacts: string;
  /** True if it is known that there are none, so that nobody needs to look. */
  hasNoArtifacts(): boolean;
  /** The id of the user whom its files belong to; undefined: that of the agent, who may be root. */
  readonly owner: number | undefined;
  /** The limit of its sandbox that it has met; undefined: none. */
  exceeded(): string | undefined;
  /** Ends every process of it that is left. */
  end(): Promise<void>;
}

/** Why a script cannot run, as a sentence, and the error of its work directory where that is to blame. */
export interface OpenFailure {
  readonly reason: string;
  readonly unwritten?: { readonly error: unknown; readonly bytes: number };
}

/**
 * Makes a private work directory, the parameters, a clean environment and a sandbox for a script. The error says why it
 * cannot run, e.g. that it does not exist or that the disk is full.
 */
export async function openScript(request: ScriptRequest, host: ScriptHost): Promise<Result<OpenScript, OpenFailure>> {
  const flaw = 'file' in request.script ? describeUnusableScript(request.script.file) : undefined;
  if (flaw) return failure({ reason: flaw });
  const text = await parametersOf(request, host);
  if (!text.ok) return failure({ reason: text.error });
  await using resources = new AsyncDisposableStack();
  try {
    const run = await host.sandbox?.open({ isInstaller: false });
    resources.use(run);
    const filled = fillWorkDirectory(request, host, { resources, parameters: text.value, user: run?.user });
    if (!filled.ok) return filled;
    const { work, artifacts, file, cwd, home } = filled.value;
    const end = async (): Promise<void> => await run?.end();
    resources.defer(end);
    const command = {
      restrictions: run?.restrictions([work.path, artifacts]),
      command: commandLine(request.program, { file, work }),
      cwd,
      env: environmentOf(request, host, { work, home }),
      input: inputOf(request.parameters, text.value),
      copied: request.program.copied,
      ...request.limits,
    };
    const held = resources.move();
    return success({
      command,
      artifacts,
      hasNoArtifacts: () => artifacts === work.artifacts && work.hasNoArtifacts(),
      owner: run?.user?.uid,
      exceeded: () => run?.exceeded(),
      end,
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    });
  } catch (error) {
    return failure({ reason: `its sandbox cannot be made: ${fileProblemOf(error)}` });
  }
}

interface FilledDirectory extends OwnPlaces {
  readonly artifacts: string;
  readonly file: string;
  readonly cwd: string;
}

interface Filling {
  readonly resources: AsyncDisposableStack;
  readonly parameters: string;
  /** The user whom it is for; undefined: that of the agent. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** Makes the private work directory of a script, with the parameters, the code and the home that it needs. */
function fillWorkDirectory(
  request: ScriptRequest,
  host: ScriptHost,
  { resources, parameters, user }: Filling,
): Result<FilledDirectory, OpenFailure> {
  try {
    const work = resources.use(host.workPlace.directories.take());
    const artifacts = artifactsOf(request, work);
    const made = artifacts === work.artifacts ? undefined : mkdirSync(artifacts, { recursive: true });
    if (request.parameters.delivery === 'file') writePrivately(parameterFileIn(work), parameters);
    const { file, cwd } = placeScript(request, work);
    const home = privateHome(host, work);
    if (user !== undefined)
      for (const directory of [work.path, ...(made === undefined ? [] : [artifacts])]) giveTo(user, directory);
    return success({ work, artifacts, file, cwd, home });
  } catch (error) {
    const code = 'code' in request.script ? request.script.code : '';
    const reason = `its work directory cannot be filled: ${fileProblemOf(error)}`;
    return failure({ reason, unwritten: { error, bytes: parameters.length + code.length } });
  }
}

async function parametersOf(
  { parameters }: ScriptRequest,
  { work = dataWorkHere }: ScriptHost,
): Promise<Result<string, string>> {
  return await work.writeParameters(parameters.values, parameters.format);
}

function inputOf({ delivery, areInCode = false }: ScriptParameters, text: string): Uint8Array {
  return Buffer.from(delivery === 'stdin' && !areInCode ? text : '');
}

function describeUnusableScript(file: string): string | undefined {
  if (isRegularFile(file)) return undefined;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return `${file} does not exist`;
  if (stat.isDirectory()) return `${file} is a directory, not a script`;
  return stat.isFile() ? undefined : `${file} is not a regular file`;
}

function isRegularFile(path: string): boolean {
  const stamp = stampOf(path, { followsLinks: true });
  return stamp !== undefined && (stamp.mode & constants.S_IFMT) === constants.S_IFREG;
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

function placeScript({ script, program }: ScriptRequest, work: WorkDirectory): { file: string; cwd: string } {
  if ('file' in script) return script;
  const { extensions, extensionOf } = program.family.script;
  const file = join(work.path, `script${extensionOf?.(script.code) ?? extensions[0] ?? ''}`);
  writeFileSync(file, script.code, { mode: 0o600, flag: 'wx' });
  return { file, cwd: work.path };
}

/** A HOME of its own for an execution that cannot write to the one of the container. Undefined: it can. */
function privateHome({ workPlace, sandbox }: ScriptHost, work: WorkDirectory): string | undefined {
  if (workPlace.hasHome && !(sandbox?.hasOwnHome ?? false)) return undefined;
  return work.makeHome();
}

interface OwnPlaces {
  readonly work: WorkDirectory;
  /** The home directory; undefined means that of the container. */
  readonly home: string | undefined;
}

function environmentOf(
  request: ScriptRequest,
  { env, workPlace, sandbox }: ScriptHost,
  { work, home }: OwnPlaces,
): Record<string, string> {
  const { program, parameters } = request;
  const isApart = sandbox?.hasOwnHome ?? false;
  const inherited = {
    ...(home === undefined ? {} : homelessEnvironment(program.family, isApart ? home : cacheOf(request, workPlace))),
    ...childEnvironment(isApart ? withoutUser(env) : env, program.family, program.interpreter.path),
    ...(home === undefined ? {} : { HOME: home }),
  };
  const own: ActionVariables = {
    ATTUNE_ARTIFACTS_DIR: artifactsOf(request, work),
    ATTUNE_RUNTIME_ENVS_DIR: workPlace.environments,
    ATTUNE_PARAMETER_DELIVERY: parameters.delivery,
    ATTUNE_PARAMETER_FORMAT: parameters.format,
    ...(parameters.delivery === 'file' ? { ATTUNE_PARAMETER_FILE: parameterFileIn(work) } : {}),
  };
  const before = { ...changeVariables(inherited, program.variables ?? {}), TMPDIR: work.temporary };
  return { ...before, ...request.variables, ...own };
}

function withoutUser({ USER: _, LOGNAME: __, ...others }: ProcessEnv): ProcessEnv {
  return others;
}

/** The directory in which the programs of one pack keep their things, when HOME does not. */
function cacheOf({ variables }: ScriptRequest, { cache }: WorkPlace): string {
  return join(cache, 'by-pack', encodeURIComponent(variables['ATTUNE_PACK_REF'] || 'none'));
}
