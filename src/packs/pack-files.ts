import { readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { success } from '#domain/result.ts';
import { takeTurns } from '#domain/turns.ts';
import { type IgnoreRules, readIgnoreRules } from './ignore-rules.ts';
import { readRulesAbove } from './rules-above.ts';

interface PackFiles {
  /** Absolute paths, in order. */
  readonly files: readonly string[];
  /** What is left out, in order, as paths below the directory: files, links, and directories with a slash at their end. */
  readonly left: readonly string[];
}

/** What else is left out of a pack. */
export interface Omission {
  /** What Git ignores by files above the pack, in the repository that it is in. */
  readonly isIgnoredAbove?: boolean;
}

/**
 * Lists the files of the pack in a directory. Left out are `.git`, `.env`, `node_modules` and the like, what its
 * `.gitignore`, those of its directories and its `.attuneignore` name, links out of the directory, and special files. A
 * line such as `!node_modules` in `.attuneignore` brings back what is left out otherwise. Others get their turns
 * meanwhile. Throws an error that says what is wrong with such a file.
 */
export async function listPackFiles(directory: string, omission: Omission = {}): Promise<PackFiles> {
  const pack = { directory, root: realpathSync(directory) };
  const turn = takeTurns();
  const found: Entry[] = [];
  for (const entry of entriesBelow(pack, '', readRules(directory, omission))) {
    found.push(entry);
    await turn();
  }
  const pathsOf = (isPart: boolean): readonly string[] =>
    found.flatMap((one) => (one.isPart === isPart ? [one.path] : [])).toSorted();
  return { files: pathsOf(true).map((path) => join(directory, path)), left: pathsOf(false) };
}

/** The files of `listPackFiles`, one after the other. */
export function* packFilesOf(directory: string): Generator<string> {
  const pack = { directory, root: realpathSync(directory) };
  for (const one of entriesBelow(pack, '', readRules(directory, {}))) if (one.isPart) yield join(directory, one.path);
}

interface PackDirectory {
  readonly directory: string;
  /** The path of the directory without links. */
  readonly root: string;
}

interface Entry {
  readonly path: string;
  readonly isPart: boolean;
}

function* entriesBelow(pack: PackDirectory, at: string, above: IgnoreRules): Generator<Entry> {
  const entries = readdirSync(join(pack.directory, at), { withFileTypes: true });
  const rules = rulesOf(at, entries, above);
  for (const entry of entries) {
    if (entry.name.startsWith('..')) continue; /* of Kubernetes, in its volumes */
    const target = entry.isSymbolicLink() ? targetOf(join(pack.directory, at, entry.name), pack.root) : entry;
    const path = target?.isDirectory() ? `${at}${entry.name}/` : `${at}${entry.name}`;
    const isIgnored = rules.isLeftOut(path);
    if (target?.isDirectory() && !isIgnored) yield* entriesBelow(pack, path, rules);
    else yield { path, isPart: target?.isFile() === true && !isIgnored };
  }
}

/** The rules of a directory of the pack, which may have a file of its own that says what Git ignores there. */
function rulesOf(at: string, entries: readonly { readonly name: string }[], above: IgnoreRules): IgnoreRules {
  return at !== '' && entries.some(({ name }) => name === '.gitignore') ? above.within(at) : above;
}

function readRules(directory: string, { isIgnoredAbove = false }: Omission): IgnoreRules {
  const above = isIgnoredAbove ? readRulesAbove(directory) : success([]);
  const rules = above.ok ? readIgnoreRules(directory, above.value) : above;
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
