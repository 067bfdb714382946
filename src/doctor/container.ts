/** What the container itself allows: kernel, files, processes, limits. */
import { accessSync, constants, statSync } from 'node:fs';
import { release } from 'node:os';
import { type Host, textOf } from '#execution/runtimes/host.ts';
import { describeBytes, MIB } from './bytes.ts';
import { type Answer, broken, type Check, ok, warning } from './finding.ts';

/** What this program and its runtime rely upon: getrandom, memfd and statx with fallbacks; Bun asks for 5.1. */
const OLDEST_KERNEL = [3, 17] as const;
const TRIED_KERNEL = [5, 1] as const;
/** An idle worker takes 56 MiB. */
const LEAST_MEMORY = 128 * MIB;
const LEAST_PIDS = 64;
const LEAST_FILES = 256;

/** HOME as the container sets it, and whether executions can write to it. */
export interface Home {
  readonly path: string | undefined;
  readonly isWritable: boolean;
}

export function containerChecks(host: Host, home: Home): readonly Check[] {
  return [
    { name: 'kernel', examine: async () => kernel(release()) },
    { name: 'proc', examine: async () => proc() },
    { name: 'devices', examine: async () => devices() },
    { name: 'user', examine: async () => user(host, home) },
    { name: 'memory', examine: async () => memory(host) },
    { name: 'processors', examine: async () => processors(host) },
    { name: 'processes', examine: async () => processes(host) },
    { name: 'open files', examine: async () => openFiles() },
  ];
}

function kernel(version: string): Answer {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat);
  const isBefore = ([a, b]: readonly [number, number]): boolean => major < a || (major === a && minor < b);
  if (isBefore(OLDEST_KERNEL))
    return broken(
      `Linux ${version} is older than ${OLDEST_KERNEL.join('.')}`,
      'use a newer kernel: this one lacks system calls that the agent needs',
    );
  if (isBefore(TRIED_KERNEL))
    return warning(`Linux ${version} is older than ${TRIED_KERNEL.join('.')}`, 'it may work; nobody has tried');
  return ok(`Linux ${version}`);
}

function proc(): Answer {
  if (textOf('/proc/self/status') !== undefined) return ok('/proc is mounted');
  return warning(
    '/proc is not mounted',
    'mount it: Java, Racket and others find themselves by it, and limits cannot be read',
  );
}

function devices(): Answer {
  const missing = ['/dev/null', '/dev/zero', '/dev/urandom'].filter((path) => !isDevice(path));
  if (missing.length === 0) return ok('/dev/null, /dev/zero and /dev/urandom are there');
  return broken(
    `no usable ${missing.join(', ')}`,
    'mount /dev (engines do it by themselves): most shells and programs write to /dev/null',
  );
}

function isDevice(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return statSync(path).isCharacterDevice();
  } catch {
    return false;
  }
}

function user({ uid, user: name }: Host, home: Home): Answer {
  const why = home.path === undefined ? 'HOME is not set' : `HOME=${home.path} cannot be written to`;
  const privateHome = home.isWritable ? '' : `; ${why}: executions get private ones, removed at their end`;
  if (name === undefined)
    return warning(
      `uid ${uid} has no entry in /etc/passwd${privateHome}`,
      `ssh, git by way of it, os.userInfo() of Node.js, whoami and others fail without the name of their user: add a line such as 'agent:x:${uid}:0::/tmp:/bin/sh' to /etc/passwd of the image`,
    );
  return ok(`${name} (${uid})${uid === 0 ? ': actions run as root' : ''}${privateHome}`);
}

function memory({ limits: { memoryBytes } }: Host): Answer {
  if (memoryBytes === undefined) return ok('no limit');
  const limit = describeBytes(memoryBytes);
  if (memoryBytes < LEAST_MEMORY)
    return warning(
      `limited to ${limit}`,
      `the agent itself takes about 60 MiB: give the container ${describeBytes(LEAST_MEMORY)} at least, and what its actions need`,
    );
  return ok(`limited to ${limit}`);
}

function processors({ limits: { cpus } }: Host): Answer {
  if (cpus === undefined) return ok('no limit');
  if (cpus < 0.1)
    return warning(`limited to ${cpus}`, 'probes and heartbeats come late on less than a tenth of a processor');
  return ok(`limited to ${cpus}`);
}

function processes({ limits: { pids } }: Host): Answer {
  const found = [pids, limitOf('Max processes')].flatMap((one) => one ?? []);
  const most = Math.min(...found);
  if (!Number.isFinite(most)) return ok('no limit');
  if (most < LEAST_PIDS)
    return warning(
      `limited to ${most}`,
      `the agent has about 20 threads, each counts: allow ${LEAST_PIDS} at least (pids limit, ulimit -u)`,
    );
  return ok(`limited to ${most}`);
}

function openFiles(): Answer {
  const most = limitOf('Max open files');
  if (most === undefined) return ok('no limit');
  if (most < LEAST_FILES)
    return warning(`limited to ${most}`, `each execution takes about 5: allow ${LEAST_FILES} at least (ulimit -n)`);
  return ok(`limited to ${most}`);
}

/** The soft limit of that name in /proc/self/limits; undefined: unlimited, or unknown. */
function limitOf(name: string): number | undefined {
  const soft = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(textOf('/proc/self/limits') ?? '')?.[1];
  return soft === undefined ? undefined : Number(soft);
}
