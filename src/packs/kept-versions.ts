import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { newLinkOf, type ProcessMarks } from './staging.ts';

/** The directory of the kept versions, below the one of the links. */
const VERSIONS = '.versions';

/** A pack below the directory of all that were sent to this server. */
export interface KeptPack {
  readonly root: string;
  readonly ref: string;
}

/** Keeps an unpacked directory as the current version, and the current one as the version before it. */
export async function addVersion(pack: KeptPack, made: string, marks: ProcessMarks): Promise<void> {
  const { root, ref } = pack;
  const versions = join(root, VERSIONS, ref);
  mkdirSync(versions, { recursive: true });
  const before = currentOf(pack);
  const last = Number(allOf(pack).at(-1) ?? 0);
  const name = String(last + 1).padStart(8, '0');
  chmodSync(made, 0o755); /* workers may be other users */
  markComing(pack, name);
  renameSync(made, join(versions, name));
  linkVersion(pack, name, marks);
  rmSync(comingOf(pack), { force: true });
  for (const old of allOf(pack))
    if (old !== name && old !== before) await rm(join(versions, old), { recursive: true, force: true });
}

/** Makes one of the kept versions of a pack the current one. */
export function linkVersion(pack: KeptPack, version: string, marks: ProcessMarks): void {
  const { root, ref } = pack;
  const made = newLinkOf(root, ref, marks);
  rmSync(made, { force: true });
  symlinkSync([VERSIONS, ref, version].join(sep), made);
  if (targetOf(comingOf(pack)) === currentOf(pack)) rmSync(comingOf(pack), { force: true });
  renameSync(made, join(root, ref));
}

/** The names of the kept versions of a pack that are current or have been, the oldest first. */
export function versionsOf(pack: KeptPack): readonly string[] {
  const coming = targetOf(comingOf(pack));
  const current = currentOf(pack);
  return allOf(pack).filter((one) => one !== coming || one === current);
}

/** The current version of a pack. Undefined: it was not sent to this server. */
export function currentOf(pack: KeptPack): string | undefined {
  return targetOf(join(pack.root, pack.ref));
}

/** Removes a pack with all its versions. */
export async function removeVersions(pack: KeptPack): Promise<void> {
  const { root, ref } = pack;
  rmSync(join(root, ref));
  rmSync(comingOf(pack), { force: true });
  await rm(join(root, VERSIONS, ref), { recursive: true, force: true });
}

function allOf({ root, ref }: KeptPack): readonly string[] {
  const versions = join(root, VERSIONS, ref);
  return existsSync(versions) ? readdirSync(versions).toSorted() : [];
}

/**
 * The link that names a version before it is in place, and goes when that is the current one: what an installation leaves
 * that was killed in between has never been current.
 */
function comingOf({ root, ref }: KeptPack): string {
  return join(root, VERSIONS, `.coming-${ref}`);
}

function markComing(pack: KeptPack, version: string): void {
  const mark = comingOf(pack);
  const left = targetOf(mark);
  if (left !== undefined && left !== currentOf(pack))
    rmSync(join(pack.root, VERSIONS, pack.ref, left), { recursive: true, force: true });
  rmSync(mark, { force: true });
  symlinkSync(version, mark);
}

function targetOf(link: string): string | undefined {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ? basename(readlinkSync(link)) : undefined;
}
