import { test } from 'bun:test';
import { accessSync, constants } from 'node:fs';
import { call } from './call.ts';
import { withMounts } from './namespace.ts';

export const isRoot = process.getuid?.() === 0;

/**
 * A test that makes root file systems or containers. Without root it is skipped and its title says why; CI runs as
 * root and counts a skipped test as a failure.
 */
export function rootTest(title: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  if (isRoot) test(title, body, timeoutMs);
  else test.skip(`${title} (skipped: needs root)`, body);
}

/** A test that mounts something where nobody else sees it. Where the kernel refuses that, it is skipped and its title says why. */
export function mountTest(title: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  if (isRoot || call(withMounts('mount -t tmpfs none /mnt', ['true'])).exitCode === 0) test(title, body, timeoutMs);
  else test.skip(`${title} (skipped: needs root, or namespaces of users)`, body);
}

/** A test that makes groups of processes. Where the kernel's tree of them is not mounted or read-only, it is skipped and its title says why. */
export function cgroupTest(title: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  if (isRoot && ['/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory/cgroup.procs'].some(isWritable))
    test(title, body, timeoutMs);
  else test.skip(`${title} (skipped: needs root, and /sys/fs/cgroup where it may write)`, body);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
