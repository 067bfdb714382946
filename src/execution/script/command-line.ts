import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { Interpreter, RuntimeFamily, VariableChanges } from '#domain/runtime.ts';
import { createFileMemory } from '#execution/process/file-memory.ts';
import type { CopiedDirectory } from '#execution/process/show-original.ts';
import type { WorkDirectory } from './work-directories.ts';

/** The program that runs a script. */
export interface ScriptProgram {
  readonly family: RuntimeFamily;
  readonly interpreter: Pick<Interpreter, 'path' | 'realPath'> &
    Partial<Pick<Interpreter, 'version' | 'implementation'>>;
  /** The arguments that the first line of the script gives the interpreter, before all others. */
  readonly args?: readonly string[] | undefined;
  /** The whole command line; undefined: that of the family. */
  readonly command?: readonly string[] | undefined;
  /** Variables that the runtime and the environment of the pack change. */
  readonly variables?: VariableChanges | undefined;
  /** The pack, if the script runs in a copy of it; undefined: it runs where it lies. */
  readonly copied?: CopiedDirectory | undefined;
}

/** The command line that runs a script with its program. */
export function commandLine(
  { family, interpreter, args = [], command }: ScriptProgram,
  { file, work }: { readonly file: string; readonly work: WorkDirectory },
): readonly string[] {
  if (command !== undefined) return command;
  if (family.name === 'shell' && markMemory.recall(file, [file], () => hasByteOrderMark(file)))
    return [interpreter.path, ...args, '-c', BEHIND_MARK, file];
  /* A first line with arguments is whole: they stand in place of those of the family. */
  if (args.length > 0) return [interpreter.path, ...(family.script.always ?? []), ...args, file];
  return (family.script.others?.[extname(file)] ?? family.script.command).flatMap((part) =>
    part === '{interpreter}'
      ? [interpreter.path, ...args]
      : part
          .replace('{interpreter}', () => interpreter.path)
          .replace(/\{sibling:([^}]+)\}/, (_, name: string) => siblingOf(interpreter, name))
          .replace('{file}', () => file)
          .replace('{work}', () => work.path),
  );
}

/** Shells take a byte order mark for a part of the first command: this runs what is behind it, under the same name. */
const BEHIND_MARK = 'eval "$(tail -c +4 "$0")"';

const markMemory = createFileMemory<boolean>();

function hasByteOrderMark(file: string): boolean {
  const start = Buffer.alloc(3);
  const opened = openSync(file, 'r');
  try {
    return readSync(opened, start) === 3 && start.equals(Buffer.from('\ufeff'));
  } finally {
    closeSync(opened);
  }
}

/** `ghc-9.4` has its `runghc` beside it, or beside the file it links to. */
function siblingOf({ path, realPath }: ScriptProgram['interpreter'], name: string): string {
  const beside = [path, realPath].map((one) => join(dirname(one), name));
  return beside.find((one) => existsSync(one)) ?? beside[0] ?? name;
}
