import type { VersionProbe } from '#domain/runtime.ts';

/** The command line of an interpreter that takes the script as its only argument. */
export const direct = ['{interpreter}', '{file}'] as const;

/** The probe that asks for the version with these arguments, and knows the patterns of the lines that answer. */
export function asking(args: string, ...version: readonly RegExp[]): VersionProbe {
  return { args: args === '' ? [] : args.split(' '), version };
}

/** A line that a program of ours makes an interpreter print: `attune VERSION [IMPLEMENTATION [BUILD]]`. */
const EXACT = /^attune (?<version>\S+)(?: (?<implementation>[A-Za-z]\S*))?(?: (?<build>\d\S*))?$/m;

/** The probe that asks an interpreter for its version by a program, for banners that do not tell it reliably. */
export function askingExactly(...args: readonly string[]): VersionProbe {
  return { args, version: EXACT };
}
