import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { OutputFormat, ParameterDelivery, ParameterFormat, Parameters } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter, ProcessEnv, RuntimeFamily, VariableChanges } from '#domain/runtime.ts';
import { changeVariables, childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import { giveTo } from '#execution/process/give-to.ts';
import type { CommandLimits, CommandRequest } from '#execution/process/run-command.ts';
import type { Sandbox } from '#execution/sandbox/sandbox.ts';
import { type DataWork, dataWorkHere } from './data-work.ts';
import type { WorkDirectory, WorkPlace } from './work-place.ts';

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

/** The program that runs a script. */
interface ScriptProgram {
  readonly family: RuntimeFamily;
  readonly interpreter: Pick<Interpreter, 'path' | 'realPath'>;
  /** The arguments that the first line of the script gives the interpreter, before all others. */
  readonly args?: readonly string[] | undefined;
  /** The whole command line; undefined: that of the family. */
  readonly command?: readonly string[] | undefined;
  /** Variables that the runtime and the environment of the pack change. */
  readonly variables?: VariableChanges | undefined;
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
  /** The id of the user whom its files belong to; undefined: that of the agent, who may be root. */
  readonly owner: number | undefined;
  /** The limit of its sandbox that it has met; undefined: none. */
  exceeded(): string | undefined;
  /** Ends every process of it that is left. */
  end(): Promise<void>;
}

/**
 * Makes a private work directory, the parameters, a clean environment and a sandbox for a script. The error says why it
 * cannot run, e.g. that it does not exist or that the disk is full.
 */
export async function openScript(request: ScriptRequest, host: ScriptHost): Promise<Result<OpenScript, string>> {
  const flaw = 'file' in request.script ? describeUnusableScript(request.script.file) : undefined;
  if (flaw) return failure(flaw);
  await using resources = new AsyncDisposableStack();
  try {
    const run = await host.sandbox?.open({ isInstaller: false });
    resources.use(run);
    const work = resources.use(host.workPlace.createDirectory());
    const end = async (): Promise<void> => await run?.end();
    resources.defer(end);
    const artifacts = artifactsOf(request, work);
    const made = mkdirSync(artifacts, { recursive: true });
    const { delivery } = request.parameters;
    const text = await parametersOf(request, host);
    if (!text.ok) return text;
    if (delivery === 'file') writePrivately(parameterFileIn(work), text.value);
    const { file, cwd } = placeScript(request, work);
    const home = privateHome(host, work);
    if (run?.user !== undefined)
      for (const directory of [work.path, ...(made === undefined ? [] : [artifacts])]) giveTo(run.user, directory);
    const command = {
      restrictions: run?.restrictions([work.path, artifacts]),
      command: commandLine(request.program, { file, work }),
      cwd,
      env: environmentOf(request, host, { work, home }),
      input: inputOf(request.parameters, text.value),
      ...request.limits,
    };
    const held = resources.move();
    return success({
      command,
      artifacts,
      owner: run?.user?.uid,
      exceeded: () => run?.exceeded(),
      end,
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    });
  } catch (error) {
    return failure(`its work directory cannot be filled: ${messageOf(error)}`);
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

function placeScript({ script, program }: ScriptRequest, work: WorkDirectory): { file: string; cwd: string } {
  if ('file' in script) return script;
  const file = join(work.path, `script${program.family.script.extensions[0] ?? ''}`);
  writeFileSync(file, script.code, { mode: 0o600, flag: 'wx' });
  return { file, cwd: work.path };
}

function commandLine(
  { family, interpreter, args = [], command }: ScriptProgram,
  { file, work }: { readonly file: string; readonly work: WorkDirectory },
): readonly string[] {
  if (command !== undefined) return command;
  if (family.name === 'shell' && hasByteOrderMark(file)) return [interpreter.path, ...args, '-c', BEHIND_MARK, file];
  /* A first line with arguments is whole: they stand in place of those of the family. */
  if (args.length > 0) return [interpreter.path, ...args, ...(family.script.always ?? []), file];
  return (family.script.others?.[extname(file)] ?? family.script.command).flatMap((part) =>
    part === '{interpreter}'
      ? [interpreter.path, ...args]
      : part
          .replace('{interpreter}', () => interpreter.path)
          .replace(/\{sibling:([^}]+)\}/, (_, name: string) => siblingOf(interpreter, name))
          .replace('{file}', () => file)
          .replace('{work}', () => work.path),
  );
}

/** Shells take a byte order mark for a part of the first command: this runs what is behind it, under the same name. */
const BEHIND_MARK = 'eval "$(tail -c +4 "$0")"';

function hasByteOrderMark(file: string): boolean {
  const start = Buffer.alloc(3);
  const opened = openSync(file, 'r');
  try {
    return readSync(opened, start) === 3 && start.equals(Buffer.from('\ufeff'));
  } finally {
    closeSync(opened);
  }
}

/** `ghc-9.4` has its `runghc` beside it, or beside the file it links to. */
function siblingOf({ path, realPath }: ScriptProgram['interpreter'], name: string): string {
  const beside = [path, realPath].map((one) => join(dirname(one), name));
  return beside.find((one) => existsSync(one)) ?? beside[0] ?? name;
}

/** A HOME of its own for an execution that cannot write to the one of the container. Undefined: it can. */
function privateHome({ workPlace, sandbox }: ScriptHost, work: WorkDirectory): string | undefined {
  if (workPlace.hasHome && !(sandbox?.hasOwnHome ?? false)) return undefined;
  const home = join(work.path, 'home');
  mkdirSync(home, { mode: 0o700 });
  return home;
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
  const { USER: _, LOGNAME: __, ...withoutUser } = env;
  const inherited = {
    ...(home === undefined ? {} : homelessEnvironment(program.family, isApart ? home : cacheOf(request, workPlace))),
    ...childEnvironment(isApart ? withoutUser : env, program.family, program.interpreter.path),
    ...(home === undefined ? {} : { HOME: home }),
  };
  return {
    ...changeVariables(inherited, program.variables ?? {}),
    TMPDIR: work.temporary,
    ...request.variables,
    ATTUNE_ARTIFACTS_DIR: artifactsOf(request, work),
    ATTUNE_RUNTIME_ENVS_DIR: workPlace.environments,
    ATTUNE_PARAMETER_DELIVERY: parameters.delivery,
    ATTUNE_PARAMETER_FORMAT: parameters.format,
    ...(parameters.delivery === 'file' ? { ATTUNE_PARAMETER_FILE: parameterFileIn(work) } : {}),
  };
}

/** The directory in which the programs of one pack keep their things, when HOME does not. */
function cacheOf({ variables }: ScriptRequest, { cache }: WorkPlace): string {
  return join(cache, 'by-pack', encodeURIComponent(variables['ATTUNE_PACK_REF'] || 'none'));
}
