import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { codeOf, fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** The directories of a pack in which each YAML file describes one thing. */
export type PackPart = 'actions' | 'runtimes' | 'tests';

const ENDING = /\.ya?ml$/;
/** Endings that are meant so, and that nothing reads. */
const NEAR_ENDING = /\.(ya?ml|yalm|ymal|yamll?)$/i;

/** The YAML files in one of these directories, in order. */
export function filesOf(pack: string, part: PackPart): readonly string[] {
  return namesIn(pack, part)
    .filter((name) => ENDING.test(name))
    .map((name) => join(pack, part, name));
}

/** What a file describes, by its name. */
export function nameOfFile(file: string): string {
  return basename(file).replace(ENDING, '');
}

/**
 * A sentence for each of these directories that cannot be read, and for each file in them that nothing reads because of
 * its name, or that another one precedes.
 */
export function flawsOfNames(pack: string, parts: readonly PackPart[]): readonly string[] {
  return parts.flatMap((part) => {
    const read = readNames(join(pack, part));
    if (!read.ok) return [read.error];
    const unread = namesIn(pack, part).filter((name) => NEAR_ENDING.test(name) && !ENDING.test(name));
    const files = filesOf(pack, part);
    const second = files.filter((file) => files.find((other) => nameOfFile(other) === nameOfFile(file)) !== file);
    return [
      ...unread.map(
        (name) => `${join(pack, part, name)}: nothing reads it: name it ${name.replace(NEAR_ENDING, '.yaml')}`,
      ),
      ...second.map((file) => `${file}: ${nameOfFile(file)}.yaml describes the same: keep one of them`),
    ];
  });
}

/** A sentence for each directory of a pack that is named nearly as one that is read, and for a pack without actions. */
export function notesOnParts(pack: string): readonly string[] {
  const parts: readonly PackPart[] = ['actions', 'runtimes', 'tests'];
  const names = readNames(pack);
  const near = parts.flatMap((part) => {
    if (namesIn(pack, part).length > 0) return [];
    const isMeant = (name: string): boolean => [part, part.slice(0, -1)].includes(name.toLowerCase());
    const meant = (names.ok ? names.value : []).filter(isMeant).find((name) => hasYaml(join(pack, name)));
    return meant === undefined ? [] : [`nothing reads ${meant}/: name it ${part}/`];
  });
  if (near.length > 0 || filesOf(pack, 'actions').length > 0 || !readNames(join(pack, 'actions')).ok) return near;
  return ['the pack has no actions: actions/NAME.yaml describes one'];
}

function hasYaml(directory: string): boolean {
  const names = readNames(directory);
  return names.ok && names.value.some((name) => ENDING.test(name));
}

/** A directory that cannot be read has no names; `flawsOfNames` says why. */
function namesIn(pack: string, part: PackPart): readonly string[] {
  const names = readNames(join(pack, part));
  return names.ok ? names.value : [];
}

/** The names in a directory, in order; of one that is not there, none. The error is a sentence that names it. */
export function readNames(directory: string): Result<readonly string[], string> {
  try {
    return success(readdirSync(directory).toSorted());
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? success([]) : failure(`${directory} cannot be read: ${fileErrorOf(error)}`);
  }
}
