import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { cgroupPlaces } from '#execution/process/cgroup-places.ts';
import { endGroup } from './end-group.ts';

/** The limits of a control group; an undefined one is no limit. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  /** Processors; may be a fraction. */
  readonly cpus: number | undefined;
  readonly pids: number | undefined;
}

/** The control group of one execution. */
export interface Cgroup {
  /** The directories of the group: a process joins it by writing itself to their `cgroup.procs`. */
  readonly directories: readonly string[];
  /** The limit that ended processes or kept them from starting; undefined: none. */
  exceeded(): string | undefined;
  /** Kills whatever is left in it, and removes it. */
  remove(): Promise<void>;
}

/** The parent of control groups, which makes groups below the agent's own. */
export interface CgroupParent {
  create(name: string): Cgroup;
}

const PERIOD_US = 100_000;
const REMOVE_MS = 2000;
const ROOT = '/sys/fs/cgroup';

type Controller = 'memory' | 'cpu' | 'pids';
type Wanted = ReadonlyMap<Controller, readonly (readonly [file: string, value: string])[]>;

/**
 * Opens the agent's control group for groups with these limits below it, and tries one. The error says what this
 * container lacks.
 */
export function openCgroups(limits: CgroupLimits): Result<CgroupParent, string> {
  const isTwo = existsSync(join(ROOT, 'cgroup.controllers'));
  const wanted = isTwo ? filesOfTwo(limits) : filesOfOne(limits);
  try {
    const parent = isTwo ? openTwo(wanted) : openOne(wanted);
    void parent.create(`attune-probe-${randomUUID().slice(0, 8)}`).remove();
    return success(parent);
  } catch (error) {
    const why =
      codeOf(error) === 'EROFS' || codeOf(error) === 'EACCES'
        ? `${messageOf(error)}: the engine gives this container no cgroup of its own to divide`
        : messageOf(error);
    return failure(why);
  }
}

function filesOfTwo({ memoryBytes, cpus, pids }: CgroupLimits): Wanted {
  const wanted = new Map<Controller, readonly (readonly [string, string])[]>();
  if (memoryBytes !== undefined)
    wanted.set('memory', [
      ['memory.max', String(memoryBytes)],
      ['memory.swap.max', '0'],
      ['memory.oom.group', '1'],
    ]);
  if (cpus !== undefined) wanted.set('cpu', [['cpu.max', `${Math.round(cpus * PERIOD_US)} ${PERIOD_US}`]]);
  if (pids !== undefined) wanted.set('pids', [['pids.max', String(pids)]]);
  return wanted;
}

function filesOfOne({ memoryBytes, cpus, pids }: CgroupLimits): Wanted {
  const wanted = new Map<Controller, readonly (readonly [string, string])[]>();
  if (memoryBytes !== undefined)
    wanted.set('memory', [
      ['memory.limit_in_bytes', String(memoryBytes)],
      ['memory.memsw.limit_in_bytes', String(memoryBytes)],
    ]);
  if (cpus !== undefined)
    wanted.set('cpu', [
      ['cpu.cfs_period_us', String(PERIOD_US)],
      ['cpu.cfs_quota_us', String(Math.round(cpus * PERIOD_US))],
    ]);
  if (pids !== undefined) wanted.set('pids', [['pids.max', String(pids)]]);
  return wanted;
}

/** Describes why this container could not divide its control groups; undefined if it could. Changes nothing. */
export function describeMissingCgroups(): string | undefined {
  const controllers = existsSync(join(ROOT, 'cgroup.controllers')) ? [''] : ['memory', 'cpu', 'pids'];
  try {
    for (const controller of controllers) accessSync(ownPath(controller), constants.W_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The files that are absent where the kernel does not count swap. */
const dispensable: readonly string[] = ['memory.swap.max', 'memory.memsw.limit_in_bytes', 'memory.oom.group'];

/** Version 2 allows processes in leaves only: the agent moves to one of its own first. */
function openTwo(wanted: Wanted): CgroupParent {
  const own = ownPath('');
  const parent = own.endsWith('/attune-agent') ? join(own, '..') : own;
  const leaf = join(parent, 'attune-agent');
  mkdirSync(leaf, { recursive: true });
  for (const pid of linesOf(join(parent, 'cgroup.procs'))) writeFileSync(join(leaf, 'cgroup.procs'), pid);
  writeFileSync(join(parent, 'cgroup.subtree_control'), [...wanted.keys()].map((name) => `+${name}`).join(' '));
  return {
    create: (name) => createGroup([[join(parent, name), [...wanted.values()].flat()]]),
  };
}

function openOne(wanted: Wanted): CgroupParent {
  const parents = [...wanted].map(([controller, files]) => [ownPath(controller), files] as const);
  return { create: (name) => createGroup(parents.map(([parent, files]) => [join(parent, name), files])) };
}

function ownPath(controller: string): string {
  const path = cgroupPlaces(controller).find((place) => existsSync(place));
  if (path === undefined) throw new Error(`the cgroup controller for ${controller} is not mounted at ${ROOT}`);
  return path;
}

function createGroup(
  groups: readonly (readonly [directory: string, files: readonly (readonly [string, string])[]])[],
): Cgroup {
  const directories: string[] = [];
  const removeEmpty = (): void => {
    for (const directory of directories) rmdirSync(directory);
  };
  try {
    for (const [directory, files] of groups) {
      mkdirSync(directory);
      directories.push(directory);
      for (const [file, value] of files)
        if (existsSync(join(directory, file)) || !dispensable.includes(file))
          writeFileSync(join(directory, file), value);
    }
  } catch (error) {
    removeEmpty();
    throw error;
  }
  return {
    directories,
    exceeded: () => exceededIn(directories),
    remove: async () => {
      const deadline = performance.now() + REMOVE_MS;
      while (performance.now() < deadline) {
        const left = directories.filter((directory) => existsSync(directory) && !endGroup(directory));
        if (left.length === 0) return;
        await Bun.sleep(5);
      }
    },
  };
}

/**
 * Tells which limit a group has met, by its files; a file is absent in the other version, or where nothing is limited.
 */
function exceededIn(directories: readonly string[]): string | undefined {
  const counts = (file: string, name: string): boolean =>
    directories.some((directory) => linesOf(join(directory, file)).some((line) => count(line, name) > 0));
  if (counts('memory.events', 'oom_kill') || counts('memory.oom_control', 'oom_kill')) return 'memory_bytes';
  return counts('pids.events', 'max') ? 'pids' : undefined;
}

function count(line: string, name: string): number {
  const [key, value] = line.split(' ');
  return key === name ? Number(value) : 0;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
