import { findFamily, native } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter } from '#domain/runtime.ts';
import { advertisedRuntimes } from './detect.ts';

/** The error that `ATTUNE_WORKER_RUNTIMES` names something that is not here. */
export interface UnknownRuntimes {
  readonly kind: 'unknown-runtimes';
  readonly names: readonly string[];
  readonly message: string;
}

/**
 * Chooses the runtimes to advertise: all that work, or those of `requested` (comma-separated, aliases understood). An
 * empty `requested` means none. Names that are unknown, absent or broken here are an error that lists what is there.
 */
export function chooseRuntimes(
  requested: string | undefined,
  interpreters: readonly Interpreter[],
): Result<readonly string[], UnknownRuntimes> {
  const found = advertisedRuntimes(interpreters);
  if (requested === undefined) return success(found);
  const present = [...found, native.name];
  const names = requested
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.filter((name) => !present.includes(findFamily(name)?.name ?? ''));
  if (wrong.length === 0) return success([...new Set(names.flatMap((name) => findFamily(name)?.name ?? []))]);
  const there = present.length > 0 ? present.join(', ') : 'none';
  const complaints = wrong.map((name) => `'${name}' ${complaint(name, interpreters)}`).join('; ');
  return failure({
    kind: 'unknown-runtimes',
    names: wrong,
    message: `ATTUNE_WORKER_RUNTIMES: ${complaints}. Runtimes that are here: ${there}`,
  });
}

function complaint(name: string, interpreters: readonly Interpreter[]): string {
  const family = findFamily(name);
  if (!family) return 'is no runtime the agent knows';
  const broken = interpreters.find((one) => one.family === family.name);
  return broken?.problem ? `does not work here (${broken.problem})` : 'was not found here';
}
