import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';

/** Links behind links that are followed, as far as Linux follows them. */
const MOST_STEPS = 40;

/** What an archive has besides its directories, by paths within it. */
export interface ArchiveContents {
  readonly files: Set<string>;
  /** The path that each link leads to; undefined: out of the archive, or it is no link and no file. */
  readonly links: Map<string, string | undefined>;
}

/** Notes a header of an archive among its contents. */
export function noteEntry({ files, links }: ArchiveContents, header: Header): void {
  const path = posix.normalize(header.name);
  if (isFile(header)) files.add(path);
  else if (header.type !== 'directory') links.set(path, targetOf(path, header));
}

export function isFile({ type }: Header): boolean {
  return type === 'file' || type === 'contiguous-file';
}

/** The files that links of an archive stand for, by the paths of the links; what leads to none of its files is left out. */
export function followLinks({ files, links }: ArchiveContents): {
  readonly followed: ReadonlyMap<string, string>;
  /** Paths, in order. */
  readonly left: readonly string[];
} {
  const followed = new Map<string, string>();
  for (const path of links.keys()) {
    let at: string | undefined = path;
    for (let step = 0; step < MOST_STEPS && at !== undefined && links.has(at); step++) at = links.get(at);
    if (at !== undefined && files.has(at)) followed.set(path, at);
  }
  return { followed, left: [...links.keys()].filter((path) => !followed.has(path)).toSorted() };
}

/** The paths in an archive that are left out when it is unpacked. Of what is no archive there are none. */
export async function leftOfArchive(archive: Readable): Promise<readonly string[]> {
  const contents: ArchiveContents = { files: new Set(), links: new Map() };
  const tar = extract();
  const reading = pipeline(archive, createGunzip(), tar);
  reading.catch(() => {}); /* heard below */
  try {
    for await (const entry of tar) {
      noteEntry(contents, entry.header);
      entry.resume();
    }
    await reading;
    return followLinks(contents).left;
  } catch {
    return []; /* the server says what is wrong with it */
  }
}

/** A symbolic link leads on from its directory, another one from the top of the archive. */
function targetOf(path: string, { type, linkname }: Header): string | undefined {
  if (!linkname || linkname.startsWith('/')) return undefined;
  const base = type === 'symlink' ? posix.dirname(path) : '.';
  const target = posix.join(base, linkname);
  return (type === 'symlink' || type === 'link') && !target.startsWith('..') ? target : undefined;
}
