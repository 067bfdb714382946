import { accessSync, constants, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RuntimeFamily } from '#domain/runtime.ts';
import { compareVersions, listNames } from './places.ts';
import { PROXIES } from './shims.ts';

/** A file that may be an interpreter of a family. */
export interface Candidate {
  readonly family: RuntimeFamily;
  readonly path: string;
  readonly realPath: string;
}

/** The kernel's own bound on links in one path. */
const MOST_LINKS = 40;

/**
 * Finds every candidate of every family, in the order of `families`; within one, earlier names before later ones and
 * earlier directories before later ones, the same real file once. Each directory is listed once.
 */
export function findCandidates(
  families: readonly RuntimeFamily[],
  directories: readonly string[],
): readonly Candidate[] {
  const patterns = families.flatMap(({ versioned }) => (versioned ? [versioned.source] : []));
  const anyVersioned = new RegExp(patterns.join('|') || '$^');
  const listings = directories.map((directory) => {
    const names = listNames(directory);
    /* A version manager has shims also for versions that are not enabled. */
    const versioned = directory.endsWith('/shims') ? [] : (names ?? []).filter((name) => anyVersioned.test(name));
    return { directory, names: names && new Set(names), versioned };
  });
  return families.flatMap((family) => candidatesOf(family, listings));
}

function candidatesOf(family: RuntimeFamily, listings: readonly Listing[]): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { path, name } of [...pathsOf(family.binaries, listings), ...versionedPathsOf(family, listings)]) {
    const file = resolveExecutable(path);
    if (file === undefined) continue;
    const key = isMultiCall(file.realPath, name) ? `${file.id} as ${name}` : file.id;
    if (!found.has(key)) found.set(key, { family, path, realPath: file.realPath });
  }
  return [...found.values()];
}

interface Listing {
  readonly directory: string;
  /** The names in the directory; undefined where they may not be listed: then the file itself is asked for. */
  readonly names: ReadonlySet<string> | undefined;
  /** The names that contain the version of an interpreter, such as `python3.12`. */
  readonly versioned: readonly string[];
}

interface Place {
  readonly path: string;
  readonly name: string;
}

function pathsOf(names: readonly string[], listings: readonly Listing[]): readonly Place[] {
  return names.flatMap((name) =>
    listings
      .filter((listing) => listing.names?.has(name) ?? true)
      .map(({ directory }) => ({ path: `${directory === '/' ? '' : directory}/${name}`, name })),
  );
}

/** Newest first: `python3.12` before `python3.9`. */
function versionedPathsOf({ versioned }: RuntimeFamily, listings: readonly Listing[]): readonly Place[] {
  if (versioned === undefined) return [];
  const places = listings.flatMap(({ directory, versioned: names }) =>
    names.filter((name) => versioned.test(name)).map((name) => ({ path: `${directory}/${name}`, name })),
  );
  return places.toSorted((a, b) => compareVersions(b.name, a.name));
}

/** Busybox and the like are one file for many programs: `gawk` and `awk` linked to it are not the same thing. */
function isMultiCall(realPath: string, name: string): boolean {
  return /(busybox|toybox|coreutils)[^/]*$/.test(realPath) && !realPath.endsWith(`/${name}`);
}

/** An executable regular file: its real path, that of a proxy if it is a hard link to one, and an identity that hard links share. Not fs.realpath: that may need /proc. */
function resolveExecutable(path: string): { id: string; realPath: string } | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    accessSync(path, constants.X_OK);
    const realPath = realPathOf(path);
    return { id: idOf(stat), realPath: stat.nlink > 1 ? (proxyLike(stat, dirname(realPath)) ?? realPath) : realPath };
  } catch {
    return undefined;
  }
}

/** The proxy of a version manager that is the same file in a directory, such as rustup before 1.27 beside its hard links. */
function proxyLike(file: Stats, directory: string): string | undefined {
  return [...PROXIES]
    .map((name) => resolve(directory, name))
    .find((path) => {
      const proxy = statSync(path, { throwIfNoEntry: false });
      return proxy !== undefined && idOf(proxy) === idOf(file);
    });
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function realPathOf(path: string): string {
  let links = 0;
  let done = '/';
  let rest = resolve(path)
    .split('/')
    .filter((part) => part !== '');
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = resolve(done, part);
    if (!lstatSync(next).isSymbolicLink()) {
      done = next;
      continue;
    }
    if (++links > MOST_LINKS) throw new Error(`${path}: more than ${MOST_LINKS} links`);
    rest = [
      ...resolve(dirname(next), readlinkSync(next))
        .split('/')
        .filter((one) => one !== ''),
      ...rest,
    ];
    done = '/';
  }
  return done;
}
