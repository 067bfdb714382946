import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import { LAUNCH, whatLauncherSaid } from '#execution/process/launcher.ts';
import { type Cgroup, type CgroupLimits, describeMissingCgroups, openCgroups } from './cgroup.ts';
import type { ExecutionUser } from './users.ts';

/**
 * The limits and rights of every execution of a worker. An undefined member means that executions have what the agent
 * itself has.
 */
export interface SandboxOptions {
  /** Limits of all processes of an execution together. */
  readonly group: CgroupLimits;
  readonly user: ExecutionUser | undefined;
  readonly openFiles: number | undefined;
  /** The largest file that it may write. */
  readonly fileBytes: number | undefined;
  /** The number that is added to the niceness of the agent. */
  readonly nice: number | undefined;
  readonly hasNetwork: boolean;
  /** True if an execution may change files outside its own directories. */
  readonly mayWrite: boolean;
}

/** A sandbox, which runs executions within limits and rights that have been seen to work in this container. */
export interface Sandbox {
  readonly user: ExecutionUser | undefined;
  /** True if executions get a private HOME, because the agent's is not usable for them. */
  readonly hasOwnHome: boolean;
  /** Prepares one execution; `writable` lists the paths that it may write. Throws when no control group can be made. */
  open(writable: readonly string[]): SandboxRun;
}

/** The sandbox of one execution. */
interface SandboxRun {
  /** The restrictions to which the launcher holds the program. */
  readonly restrictions: readonly string[];
  /** The limit that the execution has met, by its name in the configuration, or undefined when none is known. */
  exceeded(): string | undefined;
  /** Ends the processes that are left, and removes the control group. */
  close(): Promise<void>;
}

/**
 * Makes the sandbox of a worker's executions, and tries it; undefined if nothing is asked for. The error names the
 * setting and what this container lacks. `self` is the path of the static file.
 */
export function createSandbox(
  options: SandboxOptions,
  self: string | undefined,
  workDirectory: string,
): Result<Sandbox | undefined, string> {
  const launcherOptions = launcherOptionsOf(options);
  const wantsCgroups = Object.values(options.group).some((one) => one !== undefined);
  if (launcherOptions.length === 0 && !wantsCgroups) return success(undefined);
  if (self === undefined)
    return failure('worker.execution_user and limits need the static file: make build-agent, and run that');
  const problem = probe(self, options, workDirectory);
  if (problem !== undefined) return failure(problem);
  const groups = wantsCgroups ? openCgroups(options.group) : success(undefined);
  if (!groups.ok) return failure(`limits.memory_bytes, limits.cpus and limits.pids need a cgroup: ${groups.error}`);
  return success({
    user: options.user,
    hasOwnHome: options.user !== undefined || !options.mayWrite,
    open: (writable) => {
      const group = groups.value?.create(`attune-execution-${randomUUID().slice(0, 8)}`);
      return openRun([...launcherOptions, ...joinOf(group)], options.mayWrite ? [] : writable, group);
    },
  });
}

function openRun(options: readonly string[], writable: readonly string[], group: Cgroup | undefined): SandboxRun {
  return {
    restrictions: [...options, ...writable.map((path) => `writable=${path}`)],
    exceeded: () => group?.exceeded(),
    close: async () => await group?.remove(),
  };
}

function joinOf(group: Cgroup | undefined): readonly string[] {
  return (group?.directories ?? []).map((directory) => `cgroup=${directory}`);
}

function launcherOptionsOf({
  user,
  openFiles,
  fileBytes,
  nice,
  hasNetwork,
  mayWrite,
}: SandboxOptions): readonly string[] {
  return [
    ...(nice === undefined ? [] : [`nice=${nice}`]),
    ...(openFiles === undefined ? [] : [`open_files=${openFiles}`]),
    ...(fileBytes === undefined ? [] : [`file_bytes=${fileBytes}`]),
    ...(user === undefined ? [] : [`user=${user.uid}:${user.gid}`]),
    ...(mayWrite ? [] : ['filesystem=read-only']),
    ...(hasNetwork ? [] : ['network=none']),
  ];
}

/** Each by itself, so that the message names the one that cannot be had. */
function probe(self: string, options: SandboxOptions, workDirectory: string): string | undefined {
  for (const option of launcherOptionsOf(options)) {
    const problem = tryOut([self, LAUNCH, option, 'probe']);
    if (problem !== undefined) return `${settingOf(option)} cannot be had here: ${problem}${adviceFor(option)}`;
  }
  const { user } = options;
  if (user === undefined) return undefined;
  const problem = tryOut([self, LAUNCH, `user=${user.uid}:${user.gid}`, `probe=${workDirectory}`]);
  return problem === undefined ? undefined : `worker.execution_user cannot use the work directory: ${problem}`;
}

/** Tries a command of the launcher, and returns its complaint; undefined if it has none. */
function tryOut(command: string[]): string | undefined {
  const { exitCode, stderr } = Bun.spawnSync(command, { env: {}, cwd: '/' });
  return exitCode === 0 ? undefined : (whatLauncherSaid(stderr) ?? `exit code ${exitCode}`);
}

/**
 * Surveys the settings that could be made in this container, whatever is set; `problem` says why a setting cannot be
 * had.
 */
export function surveySandbox(
  self: string,
): readonly { readonly setting: string; readonly problem: string | undefined }[] {
  const options = ['user=65534:65534', 'filesystem=read-only', 'network=none'];
  return [
    ...options.map((option) => ({ setting: settingOf(option), problem: tryOut([self, LAUNCH, option, 'probe']) })),
    { setting: 'limits.memory_bytes, cpus, pids', problem: describeMissingCgroups() },
  ];
}

function settingOf(option: string): string {
  const name = option.split('=')[0] ?? '';
  return name === 'user' ? 'worker.execution_user' : `limits.${name}`;
}

function adviceFor(option: string): string {
  if (option.startsWith('user='))
    return ' (the agent must be root, or have CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL)';
  if (option.startsWith('nice=-')) return ' (a negative one needs CAP_SYS_NICE)';
  return '';
}

/** Gives a directory and all that is in it to the user. */
export function giveTo(user: ExecutionUser, directory: string): void {
  for (const entry of existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) giveTo(user, path);
    else if (entry.isFile()) chownSync(path, user.uid, user.gid);
  }
  chownSync(directory, user.uid, user.gid);
}
