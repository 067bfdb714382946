import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { codeOf, messageOf } from '#domain/errors.ts';
import { removeTree } from '#execution/process/remove-tree.ts';
import { readStart } from '#formats/read-file.ts';

/*
 * <root>/.volume             what tells this volume from others
 * <root>/.cache/<pack>/      of installers
 * <root>/<pack>/<name>       a link to .<name>.<uuid>, made when that is complete: paths in it never change
 */

const VOLUME = '.volume';
/** The name of the note in a complete environment. */
export const READY = 'ready.json';
/** The note lies where installers write, so it may be anything. */
const MOST_NOTE_BYTES = 64 * 1024;

const readySchema = z.object({
  key: z.string(),
  recipe: z.string(),
  pack: z.string(),
  packVersion: z.string(),
  runtime: z.string(),
  built: z.string(),
  bytes: z.number(),
  /** The SHA-256 of what is in it; agents up to 0.1.0 did not note it. */
  contents: z.string().optional(),
});

/** The note that a complete environment keeps about itself. */
export type ReadyNote = z.infer<typeof readySchema>;

/** The id of the volume that `root` is on, made when first asked for. Throws when it cannot be written. */
export function volumeId(root: string): string {
  const path = join(root, VOLUME);
  if (!existsSync(path)) {
    mkdirSync(root, { recursive: true });
    try {
      writeFileSync(path, crypto.randomUUID(), { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  return readFileSync(path, 'utf8');
}

/** Finds the directory of a complete environment; undefined if there is none. */
export function findReady(place: string): string | undefined {
  const directory = linkTarget(place);
  return directory !== undefined && existsSync(join(directory, READY)) ? directory : undefined;
}

/** Reads the note of a complete environment; undefined if there is none, or one that this version does not know. */
export function readNote(directory: string): ReadyNote | undefined {
  try {
    return readySchema.parse(JSON.parse(readStart(join(directory, READY), MOST_NOTE_BYTES).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Makes a new private directory to build an environment in; no execution uses it before it is published. */
export function newDirectory(place: string): string {
  const directory = join(dirname(place), `.${nameOf(place)}.${crypto.randomUUID()}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/**
 * Publishes a complete environment, so that executions use it from now on; false if another one has been published
 * meanwhile.
 */
export function publish(place: string, directory: string, note: ReadyNote): boolean {
  rmSync(join(directory, READY), { force: true }); /* whatever an installer has called so, e.g. a link */
  writeFileSync(join(directory, READY), JSON.stringify(note), { flag: 'wx' });
  try {
    symlinkSync(nameOf(directory), place);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (findReady(place) !== undefined) return false;
    rmSync(place, { force: true }); /* it pointed at something that is gone */
    return publish(place, directory, note);
  }
}

/** Removes what builds that never ended have left. Only the holder of the right to build may call it. */
export async function removeUnfinished(place: string): Promise<void> {
  const current = linkTarget(place);
  const prefix = `.${nameOf(place)}.`;
  for (const name of namesIn(dirname(place))) {
    const path = join(dirname(place), name);
    if (name.startsWith(prefix) && path !== current) await removeTree(path);
  }
}

/** Takes away the link to an environment, so that it is built again. */
export function unpublish(place: string): void {
  rmSync(place, { force: true });
}

/** Removes an environment: first its link, so that nobody finds it any more, then its directory. */
export async function removeEnvironment(place: string): Promise<void> {
  const directory = linkTarget(place);
  unpublish(place);
  if (directory !== undefined) await removeTree(directory);
}

/** Notes that an environment is used now, for the removal of unused ones. A read-only volume keeps no note. */
export function markUsed(directory: string): void {
  try {
    utimesSync(join(directory, READY), new Date(), new Date());
  } catch {
    return;
  }
}

export interface KeptPackEnvironment extends ReadyNote {
  readonly place: string;
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
}

/** Lists all complete environments below `root`. */
export function listReady(root: string): readonly KeptPackEnvironment[] {
  return namesIn(root)
    .filter((name) => !name.startsWith('.'))
    .flatMap((pack) => namesIn(join(root, pack)).map((name) => join(root, pack, name)))
    .flatMap((place) => describe(place) ?? []);
}

function describe(place: string): KeptPackEnvironment | undefined {
  const directory = findReady(place);
  if (directory === undefined) return undefined;
  const note = readNote(directory);
  const stat = statSync(join(directory, READY), { throwIfNoEntry: false });
  return note && stat && { ...note, place, directory, lastUsed: stat.mtimeMs }; /* else it is being removed */
}

/** Describes why nothing can be built below `root`; undefined if building is possible. */
export function describeUnwritable(root: string): string | undefined {
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.W_OK);
    return undefined;
  } catch (error) {
    return `${root} cannot be written (${codeOf(error) ?? messageOf(error)}): mount a writable volume there, name another directory with ATTUNE_RUNTIME_ENVS_DIR, or fill it ahead (attune-agent environments build)`;
  }
}

function linkTarget(place: string): string | undefined {
  try {
    return resolve(dirname(place), readlinkSync(place));
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
