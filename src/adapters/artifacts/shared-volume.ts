import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, unlink } from 'node:fs/promises';
import { type ExecutionLog, pathOfLog, type SharedVolume } from '#domain/shared-volume.ts';
import { inPlace, openPlace, unless } from './without-links.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** The umask decides who else may read and write. */
const FILE_MODE = 0o666;

/** Opens the directory for logs and artifacts that Attune's Rust control plane shares with its workers. */
export function openSharedVolume(directory: string): SharedVolume {
  const at = async <T>(path: string, work: (place: string) => Promise<T>): Promise<T | undefined> =>
    await inPlace(await openPlace(directory, path, false), work);
  const making = async <T>(path: string, work: (place: string) => Promise<T>): Promise<T | undefined> =>
    await inPlace(await openPlace(directory, path, true), work);
  return {
    directory,
    openLog: async (log) => {
      const file = await making(pathOfLog(log), openToAppend);
      if (!file) throw new Error(`${directory} cannot be written to`);
      return {
        append: async (bytes) => await file.writeFile(bytes),
        close: async () => await file.close(),
      };
    },
    publishLog: async (log: ExecutionLog, path) => {
      await at(pathOfLog(log), async (from) => await making(path, async (to) => await publish(from, to)));
    },
    sizeOf: async (path) => await at(path, sizeOrRemoved),
  };
}

/** A file of its own, to append to. What an action has put there instead (a link, a pipe) makes way for a new one. */
async function openToAppend(path: string): Promise<FileHandle> {
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW;
  /* Nonblocking: a pipe that nobody reads would hold up the agent. */
  const file = await open(path, flags | O_NONBLOCK, FILE_MODE).catch(unless('ELOOP', 'ENXIO'));
  const stat = await file?.stat();
  if (file && stat?.isFile() && stat.nlink === 1) return file;
  await file?.close();
  await unlink(path).catch(unless('ENOENT'));
  return await open(path, flags | O_EXCL, FILE_MODE);
}

async function publish(from: string, to: string): Promise<void> {
  await unlink(to).catch(unless('ENOENT'));
  try {
    await link(from, to);
  } catch {
    await copy(from, to); /* some volumes have no hard links */
    return;
  }
  if ((await lstat(to)).isFile()) return;
  await unlink(to);
  throw new Error('the log was replaced by something else');
}

async function copy(from: string, to: string): Promise<void> {
  await using source = await open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!(await source.stat()).isFile()) throw new Error('the log was replaced by something else');
  await using target = await open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  for await (const bytes of source.createReadStream({ autoClose: false })) await target.writeFile(bytes);
}

async function sizeOrRemoved(path: string): Promise<number | undefined> {
  const stat = await lstat(path).catch(unless('ENOENT'));
  if (!stat || (stat.isFile() && stat.size > 0)) return stat?.size;
  if (!stat.isDirectory()) await unlink(path);
  return undefined;
}
