import { MINUTE_MS } from '#domain/durations.ts';
import { type KeptPackEnvironment, listReady, removeEnvironment } from './layout.ts';

export interface KeepLimits {
  /** The milliseconds without any use after which an environment is removed. */
  readonly ageMs: number;
  /** The bytes of all environments together: those whose last use is longest ago are removed first. */
  readonly bytes: number;
}

/** Another process may be about to use what was used so recently. */
const RECENT_MS = 10 * MINUTE_MS;

/**
 * Removes environments that nobody has used for too long, or that take too much space, and returns those that were
 * removed.
 */
export async function collectGarbage(
  root: string,
  limits: KeepLimits,
  { now, isUsed }: { readonly now: number; isUsed(directory: string): boolean },
): Promise<readonly KeptPackEnvironment[]> {
  const kept = listReady(root).toSorted((a, b) => a.lastUsed - b.lastUsed);
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  const isWanted = ({ lastUsed, directory }: KeptPackEnvironment): boolean => {
    const age = now - lastUsed;
    if (isUsed(directory) || age < Math.min(RECENT_MS, limits.ageMs)) return true;
    return age < limits.ageMs && bytes <= limits.bytes;
  };
  const removed: KeptPackEnvironment[] = [];
  for (const one of kept) {
    if (isWanted(one)) continue;
    bytes -= one.bytes;
    await removeEnvironment(one.place);
    removed.push(one);
  }
  return removed;
}
