import {
  chmodSync,
  constants,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { createSha256, type Sha256 } from '#crypto/sha256.ts';
import { codeOf, fileProblemOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { type ArchiveContents, followLinks, isFile, noteEntry } from './archive-links.ts';
import { MOST_BYTES, MOST_FILES } from './pack-size.ts';
import type { PackWork } from './pack-work.ts';

const LONGEST_PATH = 1024;
/**
 * The most bytes of an archive without compression, with the headers of its files: one that goes on behind its end is
 * refused.
 */
const MOST_ARCHIVE_BYTES = MOST_BYTES + MOST_FILES * 4096;

/** What tar-stream says about what is no tar, or a part of one. */
const NO_TAR = /^(?:Invalid (?:tar )?header|Header exceeds|Unexpected end of data)/;

/** The pack that an archive shall hold. */
interface WantedPack {
  readonly ref: string;
  readonly checksum: string;
  /** Loads the pack, to see that it is one. */
  readonly load: PackWork['loadPackAt'];
}

/**
 * Unpacks an archive whose checksum is known to a place where nothing is yet, all or nothing. The error says what is
 * wrong with the archive.
 */
export async function unpackArchive(
  place: string,
  archive: ReadableStream<Uint8Array>,
  wanted: WantedPack,
): Promise<Result<undefined, string>> {
  const staging = mkdtempSync(join(dirname(place), '.incoming-'));
  try {
    const checksum = await unpack(archive, staging);
    if (checksum !== wanted.checksum)
      return failure(
        `its archive has the checksum ${checksum}, and ${wanted.checksum} was registered: register it again, or wait for the new one to be there`,
      );
    const top = topOf(staging);
    const read = await wanted.load(top);
    if (!read.ok) return failure(read.error);
    if (read.value.pack.ref !== wanted.ref) return failure(`its archive holds pack ${read.value.pack.ref}`);
    chmodSync(top, 0o755); /* workers may be other users */
    if (!existsSync(place)) renameSync(top, place); /* another process may have been faster */
    return success(undefined);
  } catch (error) {
    return failure(sayUnpackError(error));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** What is wrong with an archive, or with the place that it is unpacked to. */
export function sayUnpackError(error: unknown): string {
  const words = fileProblemOf(error).replace(/^\S*\/\.incoming-[^/]+\//, ''); /* its path within the archive */
  return codeOf(error)?.startsWith('Z_') || NO_TAR.test(words) ? 'it is no tar.gz, or not all of one' : words;
}

/**
 * Unpacks a tar.gz into an empty directory, and returns the SHA-256 of the archive before its compression. Throws an
 * error that says what is wrong with the archive.
 */
export async function unpack(archive: ReadableStream<Uint8Array>, staging: string): Promise<string> {
  /* Whatever the stream is typed as, Node reads it. */
  const source = Readable.fromWeb(archive as Parameters<typeof Readable.fromWeb>[0]);
  const bounds = { bytes: 0, files: 0 };
  const contents: ArchiveContents = { files: new Set(), links: new Map() };
  const hash = createSha256();
  const tar = extract();
  const reading = pipeline(source, createGunzip(), bounded(hash), tar);
  reading.catch(() => {}); /* heard below */
  for await (const entry of tar) {
    const target = targetOf(entry.header, staging, bounds);
    noteEntry(contents, entry.header);
    if (target === undefined) {
      entry.resume();
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    const mode = (entry.header.mode ?? 0) & 0o111 ? 0o755 : 0o644;
    await pipeline(entry, createWriteStream(target, { mode, flags: 'wx' }));
  }
  await reading;
  await copyLinked(contents, staging, bounds);
  return hash.hex();
}

/** Makes files of the links to files of the archive. No link is ever made: nothing is written through one. */
async function copyLinked(contents: ArchiveContents, staging: string, bounds: Bounds): Promise<void> {
  for (const [link, file] of followLinks(contents).followed) {
    const [source, target] = [join(staging, file), join(staging, link)];
    addBytes(bounds, statSync(source).size);
    mkdirSync(dirname(target), { recursive: true });
    await copyFile(source, target, constants.COPYFILE_EXCL);
  }
}

function bounded(hash: Sha256): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (chunks) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MOST_ARCHIVE_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
      hash.add(chunk);
      yield chunk;
    }
  };
}

interface Bounds {
  bytes: number;
  files: number;
}

function addBytes(bounds: Bounds, bytes: number): void {
  bounds.bytes += bytes;
  if (bounds.bytes > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
}

/** The place of a file of the archive; undefined if it has none. Throws an error for what must not be there. */
function targetOf(header: Header, staging: string, bounds: Bounds): string | undefined {
  const { name, type, size = 0 } = header;
  const path = resolve(staging, name);
  if (name.startsWith('/') || (path !== staging && !path.startsWith(`${staging}${sep}`)))
    throw new Error(`'${name}' leads out of the pack`);
  if (name.length > LONGEST_PATH) throw new Error(`'${name}' is a path of more than ${LONGEST_PATH} characters`);
  if (type === 'directory') return undefined;
  bounds.files += 1;
  if (bounds.files > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`);
  if (!isFile(header)) return undefined;
  addBytes(bounds, size);
  return path;
}

/** The directory of an unpacked archive that holds pack.yaml: its top, or the only directory there. */
export function topOf(staging: string): string {
  if (existsSync(join(staging, 'pack.yaml'))) return staging;
  const [only, ...others] = readdirSync(staging);
  return only !== undefined && others.length === 0 ? join(staging, only) : staging;
}
