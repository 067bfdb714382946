import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { PackSource } from '#domain/pack-source.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { shortened } from '#domain/shortened.ts';
import { archiveDirectory, checksumOf } from './archive.ts';
import { addVersion, currentOf, type KeptPack, linkVersion, removeVersions, versionsOf } from './kept-versions.ts';
import { type LoadedPack, loadPacks } from './load-action.ts';
import { type PackWork, packWorkHere } from './pack-work.ts';
import { makeStaging, noMarks, type ProcessMarks } from './staging.ts';
import { sayUnpackError, topOf, unpack } from './unpack.ts';

/**
 * The packs that were sent to this server. Each is a link to one of the versions that are kept: the current one and the
 * one before it. A version is never changed, and the link is replaced atomically.
 */
export interface InstalledPacks {
  /**
   * Unpacks a tar.gz and makes it the current version of its pack, all or nothing; one that it is already stays, with the
   * one before it. The archive holds pack.yaml at its
   * top, or below one directory. The error says what is wrong, and that nothing was installed.
   */
  install(archive: ReadableStream<Uint8Array>): Promise<Result<LoadedPack, string>>;
  /** Installs a copy of a directory of this machine, which stays as it is. */
  installDirectory(directory: string): Promise<Result<LoadedPack, string>>;
  /** Makes the version before the current one the current one; once more, and it is the other way round. */
  rollback(ref: string): Promise<Result<LoadedPack, string>>;
  /** Removes all versions of a pack. The error says why it stays. */
  remove(ref: string): Promise<Result<void, string>>;
  /** How many versions of a pack are kept: 0 of one that was not sent to this server. */
  versions(ref: string): number;
  /** All packs that can be loaded. */
  load(): readonly LoadedPack[];
  /** Their archives, for workers. */
  readonly source: PackSource;
}

/** The most characters of all that is wrong with a pack. */
const LONGEST_ERROR = 20_000;

/** How packs are loaded, and how it is known that the process of another installation has ended. */
export interface InstallationMeans {
  readonly loadPackAt?: PackWork['loadPackAt'];
  readonly marks?: ProcessMarks;
}

/**
 * Opens the packs installed below `root`. A pack that is in `served`, a directory that its owner edits, cannot be
 * installed: the server serves it from there as it is.
 */
export function openInstalledPacks(
  root: string,
  served: string,
  { loadPackAt: load = packWorkHere.loadPackAt, marks = noMarks }: InstallationMeans = {},
): InstalledPacks {
  const install = async (archive: ReadableStream<Uint8Array>): Promise<Result<LoadedPack, string>> => {
    const staging = await makeStaging(root, marks);
    try {
      await unpack(archive, staging);
      const top = topOf(staging);
      const read = await load(top);
      if (!read.ok) return failure(shortened(read.error.replaceAll(`${top}/`, ''), LONGEST_ERROR));
      const { ref } = read.value.pack;
      const flaw = describeOccupied(ref, root, served);
      if (flaw !== undefined) return failure(flaw);
      if (!(await isCurrent({ root, ref }, top))) await addVersion({ root, ref }, top, marks);
      return await load(join(root, ref));
    } catch (error) {
      return failure(shortened(sayUnpackError(error)));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  };
  return {
    install,
    installDirectory: async (directory) => {
      if (!existsSync(join(directory, 'pack.yaml'))) return failure(`there is no pack.yaml in ${directory}`);
      return await install(archiveStream(directory));
    },
    rollback: async (ref) => {
      const current = currentOf({ root, ref });
      const before = versionsOf({ root, ref }).findLast((one) => one !== current);
      if (current === undefined) return failure(`no pack '${ref}' has been installed`);
      if (before === undefined) return failure(`no earlier version of pack ${ref} is kept`);
      linkVersion({ root, ref }, before, marks);
      return await load(join(root, ref));
    },
    remove: async (ref) => {
      if (currentOf({ root, ref }) === undefined) {
        const edited = join(resolve(served), ref);
        return failure(
          existsSync(join(edited, 'pack.yaml'))
            ? `pack ${ref} is served from ${edited}: move it away there`
            : `no pack '${ref}' has been installed`,
        );
      }
      await removeVersions({ root, ref });
      return success(undefined);
    },
    versions: (ref) => (currentOf({ root, ref }) === undefined ? 0 : versionsOf({ root, ref }).length),
    load: () => loadPacks(root).packs,
    source: { open: async (ref) => archiveStream(join(root, ref)) },
  };
}

function archiveStream(directory: string): ReadableStream<Uint8Array> {
  return Readable.toWeb(archiveDirectory(directory)) as ReadableStream<Uint8Array>;
}

/** Says why a pack of that name cannot be installed; undefined if it can. */
function describeOccupied(ref: string, root: string, served: string): string | undefined {
  const edited = join(resolve(served), ref);
  if (!isSame(root, served) && existsSync(join(edited, 'pack.yaml')))
    return `pack ${ref} is served from ${edited}, as it is there: edit it there, or move it away and install it again`;
  const place = join(resolve(root), ref);
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === false)
    return `${place} was not made by an installation, so it is not replaced: move it away and install the pack again`;
  return undefined;
}

function isSame(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);
}

/** Whether the current version is the same: then it stays, and so does the one before it. */
async function isCurrent(pack: KeptPack, made: string): Promise<boolean> {
  const place = join(pack.root, pack.ref);
  return currentOf(pack) !== undefined && (await checksumOf(place)) === (await checksumOf(made));
}
