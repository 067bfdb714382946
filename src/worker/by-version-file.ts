import type { Interpreter } from '#domain/runtime.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import { exactly, type VersionFile } from '#packs/version-file.ts';

/** What decides between the interpreters of a family. */
export interface Wanted {
  readonly constraint: string | undefined;
  /** The only interpreters that may be chosen; undefined: all that are here. */
  readonly named?: readonly Interpreter[];
}

/** Lets the version file of a pack decide between the interpreters of a family, where the action leaves it open. */
export function byVersionFile(
  versionFile: VersionFile | undefined,
  constraint: string | undefined,
  interpreters: readonly Interpreter[],
): Wanted {
  if (versionFile === undefined || constraint !== undefined) return { constraint };
  const named = namedBy(versionFile, interpreters);
  return named.length > 0 ? { constraint, named } : { constraint: versionHere(versionFile, interpreters) };
}

/**
 * The interpreters that a version manager has installed under the name that a version file gives: `nightly`, `pypy3.10-7.3.17`,
 * `jruby-9.4.8.0`, whose version of the language is another than the numbers of the name.
 */
function namedBy({ name }: VersionFile, interpreters: readonly Interpreter[]): readonly Interpreter[] {
  return interpreters.filter(
    ({ family, path, problem }) =>
      problem === undefined &&
      [`versions/${name}/`, `toolchains/${name}/`, `toolchains/${name}-`, `${family}/${name}/`].some((part) =>
        path.includes(`/${part}`),
      ),
  );
}

/** The version of a file as a constraint, if an interpreter meets it; else undefined. */
function versionHere({ version }: VersionFile, interpreters: readonly Interpreter[]): string | undefined {
  if (version === undefined) return undefined;
  const wanted = parseConstraint(exactly(version));
  const isHere = interpreters.some((one) => wanted?.allows(one.version));
  return isHere ? exactly(version) : undefined;
}

/** A sentence when the chosen interpreter is not the one that a version file asks for. */
export function conflicts(
  { file, version }: VersionFile,
  constraint: string | undefined,
  { path, version: chosen }: Interpreter,
): readonly string[] {
  if (version === undefined || (parseConstraint(exactly(version))?.allows(chosen) ?? true)) return [];
  const why = constraint === undefined ? 'which is not here' : `and runtime_version says ${constraint}, which decides`;
  return [`its ${file} says ${version}, ${why}: ${path} (${chosen ?? 'of unknown version'}) runs it`];
}
