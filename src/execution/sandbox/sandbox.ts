import { randomUUID } from 'node:crypto';
import { failure, type Result, success } from '#domain/result.ts';
import { LAUNCH, whatLauncherSaid } from '#execution/process/launcher.ts';
import { type Cgroup, type CgroupLimits, describeMissingCgroups, openCgroups } from './cgroup.ts';
import { cgroupMounts, everythingBut } from './everything-but.ts';
import { createUserPool, type TakenUser } from './user-pool.ts';
import type { ExecutionUser } from './users.ts';

/**
 * The limits and rights of every execution of a worker. An undefined member means that executions have what the agent
 * itself has.
 */
export interface SandboxOptions {
  /** Limits of all processes of an execution together. */
  readonly group: CgroupLimits;
  /** The users as which executions run: none, one for all, or one for each. */
  readonly users: readonly ExecutionUser[];
  readonly openFiles: number | undefined;
  /** The largest file that it may write. */
  readonly fileBytes: number | undefined;
  /** The number that is added to the niceness of the agent. */
  readonly nice: number | undefined;
  readonly hasNetwork: boolean;
  /** True if an execution may change files outside its own directories. */
  readonly mayWrite: boolean;
  /** The files and directories that an execution cannot read. */
  readonly hidden: readonly string[];
}

/** A sandbox, which runs executions within limits and rights that have been seen to work in this container. */
export interface Sandbox {
  /** True if executions get a private HOME, because the agent's is not usable for them. */
  readonly hasOwnHome: boolean;
  /**
   * Prepares one execution, or one build of an environment, and waits for a user where each has its own. Rejects when no
   * control group can be made.
   */
  open(purpose: { readonly isInstaller: boolean }): Promise<SandboxRun>;
}

/** The sandbox of one execution. Disposed, its user is free for another one: what was its own must be gone by then. */
interface SandboxRun extends AsyncDisposable {
  /** The user as which it runs; undefined: that of the agent. */
  readonly user: ExecutionUser | undefined;
  /** The restrictions to which the launcher holds the program; `writable` lists the paths that it may write. */
  restrictions(writable: readonly string[]): readonly string[];
  /** The limit that the execution has met, by its name in the configuration, or undefined when none is known. */
  exceeded(): string | undefined;
  /** Ends the processes that are left, and removes the control group. */
  end(): Promise<void>;
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
  const wantsCgroups = hasGroup(options);
  const asked = [launcherOptionsOf(options), options.users, options.hidden];
  if (asked.every((one) => one.length === 0) && !wantsCgroups) return success(undefined);
  if (self === undefined)
    return failure('worker.execution_user and limits need the static file: make build-agent, and run that');
  const problem = probe(self, options, workDirectory);
  if (problem !== undefined) return failure(problem);
  const groups = wantsCgroups ? openCgroups(options.group) : success(undefined);
  if (!groups.ok) return failure(`limits.memory_bytes, limits.cpus and limits.pids need a cgroup: ${groups.error}`);
  const takeUser = createUserPool(options.users);
  return success({
    hasOwnHome: options.users.length > 0 || !options.mayWrite,
    open: async ({ isInstaller }) => {
      const taken = await takeUser();
      try {
        const group = groups.value?.create(`attune-execution-${randomUUID().slice(0, 8)}`);
        /* What installs dependencies has the network of the agent, whatever executions have. */
        const held = launcherOptionsOf({ ...options, hasNetwork: options.hasNetwork || isInstaller });
        const fixed = [...held, ...userOptionsOf(taken), ...joinOf(group)];
        return runOf({
          taken,
          group,
          restrictions: (writable) => [...fixed, ...pathsOf(options, writable), ...readableOf(options, writable)],
        });
      } catch (error) {
        taken?.release();
        throw error;
      }
    },
  });
}

interface RunParts extends Pick<SandboxRun, 'restrictions'> {
  readonly taken: TakenUser | undefined;
  readonly group: Cgroup | undefined;
}

function runOf({ taken, group, restrictions }: RunParts): SandboxRun {
  let met: string | undefined;
  const end = async (): Promise<void> => {
    met ??= group?.exceeded();
    await group?.remove();
  };
  return {
    user: taken?.user,
    restrictions,
    exceeded: () => met ?? group?.exceeded(),
    end,
    [Symbol.asyncDispose]: async () => {
      await end();
      taken?.release();
    },
  };
}

function pathsOf(options: SandboxOptions, writable: readonly string[]): readonly string[] {
  if (!options.mayWrite) return writable.map((path) => `writable=${path}`);
  if (!mayLeaveGroup(options)) return [];
  return [READ_ONLY, ...everythingBut(cgroupMounts()).map((path) => `writable=${path}`)];
}

/** Landlock knows what is allowed: all that is not hidden, as it is now. */
function readableOf({ hidden }: SandboxOptions, own: readonly string[]): readonly string[] {
  return hidden.length === 0 ? [] : [...everythingBut(hidden), ...own].map((path) => `${READABLE}${path}`);
}

const READABLE = 'readable=';
const READ_ONLY = 'filesystem=read-only';

/** The agent's user may write to control groups, and with that leave its own: they are closed to it by Landlock. */
function mayLeaveGroup(options: SandboxOptions): boolean {
  return hasGroup(options) && options.users.length === 0 && options.mayWrite;
}

function hasGroup({ group }: SandboxOptions): boolean {
  return Object.values(group).some((one) => one !== undefined);
}

function userOptionsOf(taken: TakenUser | undefined): readonly string[] {
  if (taken === undefined) return [];
  return [userOption(taken.user), ...(taken.isAlone ? ['alone'] : [])];
}

function userOption({ uid, gid }: ExecutionUser): string {
  return `user=${uid}:${gid}`;
}

function joinOf(group: Cgroup | undefined): readonly string[] {
  return (group?.directories ?? []).map((directory) => `cgroup=${directory}`);
}

function launcherOptionsOf({ openFiles, fileBytes, nice, hasNetwork, mayWrite }: SandboxOptions): readonly string[] {
  return [
    ...(nice === undefined ? [] : [`nice=${nice}`]),
    ...(openFiles === undefined ? [] : [`open_files=${openFiles}`]),
    ...(fileBytes === undefined ? [] : [`file_bytes=${fileBytes}`]),
    ...(mayWrite ? [] : [READ_ONLY]),
    ...(hasNetwork ? [] : ['network=none']),
  ];
}

/** Each by itself, so that the message names the one that cannot be had. */
function probe(self: string, options: SandboxOptions, workDirectory: string): string | undefined {
  const [user] = options.users;
  const asked = [...launcherOptionsOf(options), ...(user === undefined ? [] : [userOption(user)])];
  for (const option of asked) {
    const problem = tryOut([self, LAUNCH, option, 'probe']);
    if (problem !== undefined) return `${settingOf(option)} cannot be had here: ${problem}${adviceFor(option)}`;
  }
  if (mayLeaveGroup(options)) {
    const open = tryOut([self, LAUNCH, READ_ONLY, 'probe']);
    if (open !== undefined)
      return `limits.memory_bytes, limits.cpus and limits.pids need worker.execution_user here: the agent's own user could leave its cgroup, and this kernel cannot keep it in: ${open}`;
  }
  if (user === undefined) return undefined;
  const problem = tryOut([self, LAUNCH, userOption(user), `probe=${workDirectory}`]);
  return problem === undefined ? undefined : `worker.execution_user cannot use the work directory: ${problem}`;
}

/** Tries a command of the launcher, and returns its complaint; undefined if it has none. */
function tryOut(command: string[]): string | undefined {
  const { exitCode, stderr } = Bun.spawnSync(command, { env: {}, cwd: '/' });
  return exitCode === 0 ? undefined : (whatLauncherSaid(stderr) ?? `exit code ${exitCode}`);
}

/** Says why files cannot be hidden from executions here; undefined if they can. */
export function describeHidingProblem(self: string | undefined): string | undefined {
  return self === undefined ? 'that needs the static file' : tryOut([self, LAUNCH, `${READABLE}/`, 'probe']);
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
