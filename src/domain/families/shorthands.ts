import type { VersionProbe } from '#domain/runtime.ts';

/** The command line of an interpreter that takes the script as its only argument. */
export const direct = ['{interpreter}', '{file}'] as const;

/** One question for the version whose answer is read by the usual pattern. */
export function ask(...args: string[]): readonly VersionProbe[] {
  return [{ args }];
}
