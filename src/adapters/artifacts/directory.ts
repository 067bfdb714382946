import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { ArtifactStorage } from '#domain/artifact.ts';

/** Opens one directory, which all servers and workers see, as the storage of artifacts. */
export function openArtifactDirectory(directory: string): ArtifactStorage {
  const root = resolve(directory);
  const fileOf = (path: string): string => {
    const file = resolve(root, path);
    if (!file.startsWith(`${root}${sep}`)) throw new Error(`'${path}' leads out of the directory of artifacts`);
    return file;
  };
  return {
    put: async (path, file) => {
      const target = fileOf(path);
      const unfinished = `${target}.${crypto.randomUUID()}`;
      await mkdir(dirname(target), { recursive: true });
      try {
        await copyFile(file, unfinished, constants.COPYFILE_EXCL);
        await rename(unfinished, target);
      } finally {
        if (existsSync(unfinished)) await rm(unfinished, { force: true });
      }
    },
    read: async (path, { from, to }) => {
      const file = fileOf(path);
      await stat(file);
      return Bun.file(file).slice(from, to).stream();
    },
  };
}
