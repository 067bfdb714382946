import { accessSync, constants } from 'node:fs';
import { basename } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import { DEFAULT_PATH, type Interpreter, type RuntimeFamily } from '#domain/runtime.ts';
import { familyOfProgram, nameOf, type Shebang } from '#domain/shebang.ts';
import { findProgram } from '#execution/process/find-program.ts';

/** Filters interpreters by the first line of a script; the one at its very path comes first. */
export function byShebang(
  shebang: Shebang,
  family: RuntimeFamily,
  interpreters: readonly Interpreter[],
): Result<readonly Interpreter[], string> {
  const { program, name } = shebang;
  const other = familyOfProgram(name);
  if (family.name === 'shell' && other && other.name !== 'shell')
    return failure(`its first line names ${program}, and its runner_type is shell: set runner_type: ${other.name}`);
  if (!isOfFamily(shebang, family)) return success(interpreters);
  const flaw = flawOf(shebang, family);
  if (flaw !== undefined) return failure(flaw);
  const ofFamily = interpreters.filter((one) => one.family === family.name);
  const isNamed = (one: Interpreter): boolean => [one.path, one.realPath].some((path) => basename(path) === name);
  /* `python3` stands for every python; `bash` and `sh` are different languages. */
  const isGeneric = family.name !== 'shell' && family.binaries.includes(name);
  const named = isGeneric ? ofFamily : ofFamily.filter(isNamed);
  const sorted = named.toSorted((a, b) => Number(b.path === program) - Number(a.path === program));
  if (sorted.length > 0) return success(sorted);
  const path = findNamed(program, name);
  if (path === undefined) {
    const here = ofFamily.map((one) => one.path).join(', ') || 'none';
    return failure(`its first line names ${program}, which is not here; here: ${here}`);
  }
  const found: Interpreter = {
    family: family.name,
    path,
    realPath: path,
    version: undefined,
    problem: undefined,
    probeMs: 0,
  };
  return success([found]);
}

/** Programs that run another one, which stands behind them: without one they would run the script, and so themselves. */
const STARTERS: readonly string[] = [
  ...['nice', 'ionice', 'chrt', 'taskset', 'time', 'timeout', 'setsid', 'nohup', 'stdbuf', 'sudo', 'doas'],
  ...['gosu', 'su-exec', 'setpriv', 'unshare', 'catchsegv', 'xargs', 'command', 'exec'],
];

/** What keeps a first line from running its script, by hand too, as a sentence that says what mends it. */
function flawOf({ program, name, args, flaw }: Shebang, { script }: RuntimeFamily): string | undefined {
  if (flaw !== undefined) return `its first line ${flaw}`;
  const last = args.at(-1) ?? '';
  if (script.takesNext?.test(last))
    return `its first line ends with ${last}, and ${program} would take the name of the script, which follows, for what belongs to ${last}: remove ${last}, or write that behind it`;
  if (STARTERS.includes(name) && !args.some((one) => familyOfProgram(nameOf(one))))
    return `its first line names ${program}, which starts programs and reads no scripts: write the interpreter behind it, or name that alone`;
  return undefined;
}

/** Tells whether a first line counts for scripts of a family; a program that nobody knows is a shell of its own. */
export function isOfFamily(shebang: Shebang | undefined, family: RuntimeFamily): boolean {
  if (shebang === undefined) return false;
  const own = familyOfProgram(shebang.name);
  return own ? own.name === family.name : family.name === 'shell';
}

/** The file at a path, else the first program of that name in the usual directories. */
function findNamed(program: string, name: string): string | undefined {
  if (program.startsWith('/') && isExecutable(program)) return program;
  return findProgram(name, DEFAULT_PATH.split(':'));
}

/** Tells whether this process may execute a file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
