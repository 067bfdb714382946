import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

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

/** A sentence for each file in these directories that nothing reads because of its name, or that another one precedes. */
export function flawsOfNames(pack: string, parts: readonly PackPart[]): readonly string[] {
  return parts.flatMap((part) => {
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

function namesIn(pack: string, part: PackPart): readonly string[] {
  const directory = join(pack, part);
  return existsSync(directory) ? readdirSync(directory).toSorted() : [];
}
