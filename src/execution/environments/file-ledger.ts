import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#domain/clock.ts';
import { type BuildRight, type PackEnvironmentLedger, retryBuildMs } from '#domain/environment-ledger.ts';
import { codeOf } from '#domain/errors.ts';
import { hasEnded, processIdentity } from '#execution/process/identity.ts';
import { readStart } from '#formats/read-file.ts';

/** Notes and locks are small; what installers run may have written there too. */
const MOST_BYTES = 64 * 1024;

const failureSchema = z.object({ error: z.string(), failures: z.number(), retryAt: z.number() });

interface Seen {
  readonly text: string;
  readonly mtimeMs: number;
  /** The time on this machine's clock: the clock of the volume may differ. */
  readonly since: number;
}

/**
 * Opens the ledger for agents without a database: lock files beside the environments. A lock whose holder is seen to
 * have ended, or that nobody has touched for a lease, is taken over. Keys end in the path of the environment below
 * `root`.
 */
export function openFileLedger(root: string, clock: Pick<Clock, 'now' | 'monotonic'>): PackEnvironmentLedger {
  const token = `${crypto.randomUUID()} ${processIdentity()}`;
  const seen = new Map<string, Seen>();
  const pathOf = (key: string, suffix: string): string => {
    const path = join(root, key.slice(key.indexOf('/') + 1));
    return `${path}${suffix}`;
  };
  const isMine = (lock: string): boolean => textOf(lock) === token;
  /* Whether the lock of somebody else can be disregarded. */
  const isStale = (lock: string, leaseMs: number): string | undefined => {
    const text = textOf(lock);
    if (text === undefined) return undefined;
    if (hasEnded(text.split(' ')[1] ?? '')) return text;
    const mtimeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const before = seen.get(lock);
    if (before?.text === text && before.mtimeMs === mtimeMs)
      return clock.monotonic() - before.since > leaseMs ? text : undefined;
    seen.set(lock, { text, mtimeMs, since: clock.monotonic() });
    return undefined;
  };
  return {
    begin: async ({ key }, leaseMs) => {
      const failed = recentFailure(pathOf(key, '.failed'), clock.now());
      if (failed) return failed;
      const lock = pathOf(key, '.lock');
      mkdirSync(dirname(lock), { recursive: true });
      if (create(lock, token)) return { kind: 'mine' };
      const stale = isStale(lock, leaseMs);
      if (stale !== undefined) remove(lock, stale);
      return stale !== undefined && create(lock, token) ? { kind: 'mine' } : { kind: 'taken' };
    },
    renew: async (key) => {
      const lock = pathOf(key, '.lock');
      if (!isMine(lock)) return false;
      const now = new Date(clock.now());
      utimesSync(lock, now, now);
      return true;
    },
    end: async (key, end) => {
      const note = pathOf(key, '.failed');
      const lock = pathOf(key, '.lock');
      if (!isMine(lock)) return;
      if (end.kind === 'failed') {
        const failures = (readFailure(note)?.failures ?? 0) + 1;
        const text = JSON.stringify({ error: end.error, failures, retryAt: clock.now() + retryBuildMs(failures) });
        writeFileSync(note, text);
      }
      if (end.kind === 'ready') rmSync(note, { force: true });
      rmSync(lock, { force: true });
    },
    forget: async () => {},
  };
}

function recentFailure(note: string, now: number): BuildRight | undefined {
  const failed = readFailure(note);
  if (!failed || failed.retryAt <= now) return undefined;
  /* Bounded by what is usual: the clock may have been set back since. */
  const retryInMs = Math.min(failed.retryAt - now, retryBuildMs(failed.failures));
  return { kind: 'failed', error: failed.error, retryInMs };
}

function readFailure(note: string): z.infer<typeof failureSchema> | undefined {
  try {
    return failureSchema.parse(JSON.parse(readStart(note, MOST_BYTES).toString('utf8')));
  } catch {
    return undefined; /* none, or cut off by a full disk: then it is tried again */
  }
}

function textOf(path: string): string | undefined {
  try {
    return readStart(path, MOST_BYTES).toString('utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates a lock file; false if it is there already. */
function create(lock: string, text: string): boolean {
  try {
    writeFileSync(lock, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes exactly that lock away: should another be there by now, it is put back. */
function remove(lock: string, text: string): void {
  const aside = `${lock}.${crypto.randomUUID()}`;
  try {
    renameSync(lock, aside);
    if (textOf(aside) !== text) linkSync(aside, lock);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
