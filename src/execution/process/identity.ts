import { readFileSync, readlinkSync } from 'node:fs';
import { sha256Of } from '#crypto/sha256.ts';

/** Identifies this process among all processes of all starts of all machines; empty without /proc. */
export function processIdentity(): string {
  const place = placeOf();
  const start = startOf(process.pid);
  return place === undefined || start === undefined ? '' : `${place}:${process.pid}:${start}`;
}

/**
 * Tells whether a process of this machine and of this pid namespace has ended; false for any other process, since
 * nothing is known of it.
 */
export function hasEnded(identity: string): boolean {
  const place = placeOf();
  const [pid = '', start] = identity.split(':').slice(-2);
  if (place === undefined || identity !== `${place}:${pid}:${start}`) return false;
  return startOf(Number(pid)) !== start;
}

/** Identifies this process like `processIdentity`, short enough to be part of a file name; empty without /proc. */
export function processMark(): string {
  const place = placeOf();
  const start = startOf(process.pid);
  return place === undefined || start === undefined ? '' : `${shorten(place)}-${process.pid}-${start}`;
}

/** Tells whether the process of a mark has ended, as `hasEnded` does for an identity. */
export function hasMarkEnded(mark: string): boolean {
  const [place = '', pid = '', start = ''] = mark.split('-');
  const here = placeOf();
  return here !== undefined && place === shorten(here) && startOf(Number(pid)) !== start;
}

function shorten(place: string): string {
  return sha256Of(place).slice(0, 8);
}

function placeOf(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** The start of a process in clock ticks since the boot; undefined if there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
