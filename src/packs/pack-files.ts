import { readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { takeTurns } from '#domain/turns.ts';
import { type IgnoreRules, readIgnoreRules } from './ignore-rules.ts';

interface PackFiles {
  /** Absolute paths, in order. */
  readonly files: readonly string[];
  /** What is left out, in order, as paths below the directory: files, links, and directories with a slash at their end. */
  readonly left: readonly string[];
}

/**
 * Lists the files of the pack in a directory. Left out are `.git`, `.env`, `node_modules` and the like, what
 * `.attuneignore` (else `.gitignore`) names, links out of the directory, and special files. A line such as
 * `!node_modules` in that file brings back what is left out by default. Others get their turns meanwhile.
 * Throws an error that says what is wrong with that file.
 */
export async function listPackFiles(directory: string): Promise<PackFiles> {
  const pack = { directory, root: realpathSync(directory), rules: readRules(directory) };
  const turn = takeTurns();
  const found: Entry[] = [];
  for (const entry of entriesBelow(pack, '')) {
    found.push(entry);
    await turn();
  }
  const pathsOf = (isPart: boolean): readonly string[] =>
    found.flatMap((one) => (one.isPart === isPart ? [one.path] : [])).toSorted();
  return { files: pathsOf(true).map((path) => join(directory, path)), left: pathsOf(false) };
}

/** The files of `listPackFiles`, at once. */
export function packFilesOf(directory: string): readonly string[] {
  const pack = { directory, root: realpathSync(directory), rules: readRules(directory) };
  return [...entriesBelow(pack, '')].flatMap((one) => (one.isPart ? [join(directory, one.path)] : []));
}

interface PackDirectory {
  readonly directory: string;
  /** The path of the directory without links. */
  readonly root: string;
  readonly rules: IgnoreRules;
}

interface Entry {
  readonly path: string;
  readonly isPart: boolean;
}

function* entriesBelow(pack: PackDirectory, at: string): Generator<Entry> {
  for (const entry of readdirSync(join(pack.directory, at), { withFileTypes: true })) {
    if (entry.name.startsWith('..')) continue; /* of Kubernetes, in its volumes */
    const target = entry.isSymbolicLink() ? targetOf(join(pack.directory, at, entry.name), pack.root) : entry;
    const path = target?.isDirectory() ? `${at}${entry.name}/` : `${at}${entry.name}`;
    const isIgnored = pack.rules(path);
    if (target?.isDirectory() && !isIgnored) yield* entriesBelow(pack, path);
    else yield { path, isPart: target?.isFile() === true && !isIgnored };
  }
}

function readRules(directory: string): IgnoreRules {
  const rules = readIgnoreRules(directory);
  if (!rules.ok) throw new Error(rules.error);
  return rules.value;
}

/**
 * The target of a link within the pack. Of links to directories, which may lead in circles, only those count that
 * Kubernetes makes in volumes: it keeps their files in a directory that `..data` links to. Undefined: nothing, or
 * something outside, which could be any file of the machine.
 */
function targetOf(path: string, root: string): Stats | undefined {
  try {
    const stat = statSync(path);
    if (!realpathSync(path).startsWith(`${root}/`)) return undefined;
    return stat.isFile() || readlinkSync(path).startsWith('..data/') ? stat : undefined;
  } catch {
    return undefined;
  }
}
