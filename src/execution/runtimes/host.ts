import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';
import { cgroupPlaces } from '#execution/process/cgroup-places.ts';

/** The machine or container in which the agent finds itself. */
export interface Host {
  readonly hostname: string;
  readonly arch: 'x86_64' | 'aarch64';
  /** The C library of the image, which its interpreters need; the agent itself needs none. */
  readonly libc: 'glibc' | 'musl' | 'none';
  readonly os: { readonly id: string; readonly version: string; readonly name: string } | undefined;
  readonly isContainer: boolean;
  readonly uid: number;
  /** The name in /etc/passwd, undefined for a uid without an entry. */
  readonly user: string | undefined;
  readonly limits: {
    readonly cpus: number | undefined;
    readonly memoryBytes: number | undefined;
    readonly pids: number | undefined;
  };
}

export function inspectHost(env: ProcessEnv, root = '/'): Host {
  const uid = process.getuid?.() ?? 0;
  return {
    hostname: hostname(),
    arch: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    libc: libcOf(root),
    os: osRelease(root),
    isContainer: isContainer(env, root),
    uid,
    user: userName(root, uid),
    limits: cgroupLimits(root),
  };
}

/** Tells the C library by its loader; where both are installed, glibc is the distribution's own. */
function libcOf(root: string): Host['libc'] {
  const loaders = ['lib64', 'lib', 'usr/lib64', 'usr/lib'].flatMap((directory) => namesIn(join(root, directory)));
  if (loaders.some((name) => /^ld-linux(-|\.).*\.so\.\d+$/.test(name))) return 'glibc';
  return loaders.some((name) => name.startsWith('ld-musl-')) ? 'musl' : 'none';
}

/** os-release(5): shell assignments, one a line. */
function osRelease(root: string): Host['os'] {
  const text = textOf(join(root, 'etc/os-release')) ?? textOf(join(root, 'usr/lib/os-release'));
  if (text === undefined) return undefined;
  const field = (name: string): string => new RegExp(`^${name}=["']?(.*?)["']?$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID'), name: field('PRETTY_NAME') };
}

/** Tells a container by the marks that container engines leave; one without marks is not recognised. */
export function isContainer(env: ProcessEnv, root = '/'): boolean {
  if (existsSync(join(root, '.dockerenv')) || existsSync(join(root, 'run/.containerenv'))) return true;
  if (env['KUBERNETES_SERVICE_HOST'] || env['container']) return true;
  return /docker|containerd|kubepods|libpod|lxc/.test(textOf(join(root, 'proc/1/cgroup')) ?? '');
}

function userName(root: string, uid: number): string | undefined {
  const entries = (textOf(join(root, 'etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
  return entries.find((entry) => entry[2] === String(uid))?.[0];
}

/**
 * The limits of the cgroup that the agent is in, version 2 or 1, in bytes and processors, which may be a fraction. An
 * undefined one is no limit.
 */
export function cgroupLimits(root: string): Host['limits'] {
  const read = (controller: string, file: string): string | undefined =>
    cgroupPlaces(controller, root)
      .map((place) => textOf(join(place, file)))
      .find((text) => text !== undefined);
  const [quota, period] = (
    read('', 'cpu.max') ?? `${read('cpu', 'cpu.cfs_quota_us')} ${read('cpu', 'cpu.cfs_period_us')}`
  )
    .split(' ')
    .map(Number);
  const memory = Number(read('', 'memory.max') ?? read('memory', 'memory.limit_in_bytes'));
  const pids = Number(read('', 'pids.max') ?? read('pids', 'pids.max'));
  return {
    cpus: quota && period && quota > 0 ? quota / period : undefined,
    /* Version 1 says "none" with a number near 2^63. */
    memoryBytes: memory > 0 && memory < 2 ** 60 ? memory : undefined,
    /* `max` says "none". */
    pids: pids > 0 ? pids : undefined,
  };
}

/** The text of a file, or undefined if the file cannot be read. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
