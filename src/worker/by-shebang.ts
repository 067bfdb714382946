import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { familyOfProgram, isVersionNamed, readProgramName } from '#domain/named-program.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { DEFAULT_PATH, type Interpreter, type RuntimeFamily } from '#domain/runtime.ts';
import { nameOf, type Shebang } from '#domain/shebang.ts';
import { findOnPath, findProgram } from '#execution/process/find-program.ts';

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
  const fitting = isElsewhere(program) ? ofFamily.filter((one) => one.path === program) : byName(shebang, ofFamily);
  if (fitting.length > 0) return success(fitting);
  const path = isElsewhere(program) ? fileAt(program) : (fileAt(program) ?? findOnPath(name));
  if (path !== undefined) return success([unlisted(path, family, ofFamily)]);
  const here = ofFamily.map((one) => one.path).join(', ');
  const others = here === '' ? `, nor any other ${family.name}` : `; here: ${here}`;
  return failure(`its first line names ${program}, which is not here${others}`);
}

/**
 * The interpreters that answer to the name of a program, the one at its very path first; none if another file is there
 * which no plain name of the family stands for.
 */
function byName(shebang: Shebang, ofFamily: readonly Interpreter[]): readonly Interpreter[] {
  const { program, name } = shebang;
  const file = fileAt(program);
  const real = file && realpathSync(file);
  const isThere = ({ family, path, realPath }: Interpreter): boolean =>
    path === program || (family !== 'shell' && realPath === real);
  const fitting = ofFamily.filter((one) => isThere(one) || isCalled(name, one));
  const nearest = fitting.toSorted(
    (a, b) => Number(b.path === program) - Number(a.path === program) || Number(isThere(b)) - Number(isThere(a)),
  );
  return file === undefined || isPlain(shebang) || nearest.some(isThere) ? nearest : [];
}

/** Tells whether a name may mean an interpreter: `python3` any of Python 3, `bash` only bash, `pypy3` only PyPy. */
function isCalled(name: string, { family, path, realPath, version, implementation = '' }: Interpreter): boolean {
  const named = readProgramName(name);
  if ([path, realPath].some((one) => basename(one) === name)) return true;
  if (family === 'shell' || named === undefined) return false;
  const isRight = named.version === undefined || isVersionNamed(named, version);
  if (named.other !== undefined) return isRight && implementation.split(' ')[0] === named.other;
  if (named.version === undefined || named.family.binaries.includes(name)) return isRight;
  return isRight && implementation === '' && readProgramName(basename(path))?.other === undefined;
}

/** Tells whether a first line only names a family in the usual way (`python3`, `/usr/bin/node`), and demands no more. */
export function isPlain({ program, name }: Shebang): boolean {
  return !isElsewhere(program) && (familyOfProgram(name)?.binaries.includes(name) ?? false);
}

/** Tells whether a program is named by a path where only that very file can be meant, such as that of a virtual environment. */
function isElsewhere(program: string): boolean {
  return program.includes('/') && !DEFAULT_PATH.split(':').includes(dirname(program));
}

/** The executable file at an absolute path, if one is there. */
function fileAt(program: string): string | undefined {
  return program.startsWith('/') ? findProgram(basename(program), [dirname(program)]) : undefined;
}

/** An interpreter that the agent has not looked for; one that is the same file as another is of its version. */
function unlisted(path: string, { name }: RuntimeFamily, ofFamily: readonly Interpreter[]): Interpreter {
  const real = realpathSync(path);
  const version = ofFamily.find((one) => one.realPath === real)?.version;
  return { family: name, path, realPath: path, version, problem: undefined, probeMs: 0 };
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

/** Tells whether this process may execute a file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
