import { relative } from 'node:path';
import type { Action } from '#domain/action.ts';
import { familyOfProgram } from '#domain/named-program.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import type { Shebang } from '#domain/shebang.ts';
import { firstLineOf } from './script-family.ts';

/**
 * One sentence for each action whose script names an interpreter of another family than its `runner_type`, which
 * decides. A shell is no other one: a script may begin as one and hand itself on.
 */
export function notesOnFirstLines(directory: string, actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    const { runtime, entryPoint } = action;
    const other = otherOf(action);
    if (!other || ['shell', 'native'].includes(runtime.name) || other.family.name === 'shell') return [];
    const file = relative(directory, entryPoint);
    return [`${file}: its first line names ${other.program}, and its runner_type is ${runtime.name}, which decides`];
  });
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
