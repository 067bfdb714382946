import type { VersionProbe } from '#domain/runtime.ts';

/** The command line of an interpreter that takes the script as its only argument. */
export const direct = ['{interpreter}', '{file}'] as const;

/** The question for the version by these arguments, and the patterns of the lines that answer it. */
export function asking(args: string, ...version: readonly RegExp[]): VersionProbe {
  return { args: args === '' ? [] : args.split(' '), version };
}

/** A line that a program of ours makes an interpreter print: `attune VERSION [IMPLEMENTATION [BUILD]]`. */
const EXACT = /^attune (?<version>\S+)(?: (?<implementation>[A-Za-z]\S*))?(?: (?<build>\d\S*))?$/m;

/** Asks an interpreter exactly, by a program: for banners that do not say what they should. */
export function askingExactly(...args: readonly string[]): VersionProbe {
  return { args, version: EXACT };
}
