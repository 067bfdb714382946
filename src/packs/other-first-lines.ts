import { relative } from 'node:path';
import type { Action } from '#domain/action.ts';
import { familyOfProgram } from '#domain/named-program.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import type { Shebang } from '#domain/shebang.ts';
import { firstLineOf } from './script-family.ts';

/** Programs of a family that run its scripts and are no interpreters of their own. */
const COMPANIONS: readonly string[] = [
  ...['escript', 'runghc', 'runhaskell', 'kotlin', 'scala-cli', 'powershell', 'littler', 'wish', 'csi', 'jshell'],
];

/**
 * One sentence for each action whose script names in its first line what does not run it, since its `runner_type`
 * decides.
 */
export function notesOnFirstLines(directory: string, actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    const note = noteOnFirstLine(firstLineOf(action.entryPoint), action.runtime.name);
    return note === undefined ? [] : [`${relative(directory, action.entryPoint)}: ${note}`];
  });
}

/**
 * The sentence for a first line that names an interpreter of another family than the one that runs the script, or a
 * program that the agent does not know, such as uv. A shell is no other one: a script may begin as one and hand itself on.
 */
export function noteOnFirstLine(shebang: Shebang | undefined, runtime: string): string | undefined {
  if (!shebang || ['shell', 'native'].includes(runtime) || COMPANIONS.includes(shebang.name)) return undefined;
  const family = familyOfProgram(shebang.name)?.name;
  if (family === runtime || family === 'shell') return undefined;
  const decides = `its first line names ${shebang.program}, and its runner_type is ${runtime}, which decides`;
  return family === undefined ? `${decides}: set runner_type: shell to run it as by hand` : decides;
}

/** The sentence for a script of another language in an action for shells, which a worker refuses to run; else undefined. */
export function flawOfFirstLine(action: Action): string | undefined {
  const other = action.runtime.name === 'shell' ? otherOf(action) : undefined;
  return other && `its first line names ${other.program}: set runner_type: ${other.family.name}`;
}

function otherOf({ entryPoint, runtime }: Action): (Shebang & { readonly family: RuntimeFamily }) | undefined {
  const shebang = firstLineOf(entryPoint);
  const family = shebang && familyOfProgram(shebang.name);
  return family && family.name !== runtime.name ? { ...shebang, family } : undefined;
}
