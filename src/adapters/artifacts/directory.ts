import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ArtifactStorage } from '#domain/artifact.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { OpenDirectory, OpenDirectoryAt } from '#domain/open-directory.ts';
import { wordOfPlaceError } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';

/**
 * Opens one directory, which all servers and workers see, as the storage of artifacts. Others may write to it too, so no
 * link in it is followed.
 */
export function openArtifactDirectory(directory: string, openDirectory: OpenDirectoryAt): ArtifactStorage {
  const root = resolve(directory);
  const enter = (path: string, step: Step): { readonly parent: OpenDirectory; readonly name: string } => {
    const names = path.split('/');
    if (names.some((name) => name === '' || name === '.' || name === '..'))
      throw new Error(`'${path}' leads out of the directory of artifacts`);
    let parent = openDirectory(`${root}/.`); /* it may be a link itself */
    for (const name of names.slice(0, -1)) {
      using above = parent;
      parent = step(above, name);
    }
    return { parent, name: names.at(-1) ?? '' };
  };
  return {
    put: async (path, bytes) => {
      const { parent, name } = orUnavailable(root, () => {
        mkdirSync(root, { recursive: true });
        return enter(path, (above, one) => above.makeDirectory(one));
      });
      using directoryOfFile = parent;
      const unfinished = `.${crypto.randomUUID()}`;
      using file = orUnavailable(root, () => directoryOfFile.createFile(unfinished));
      try {
        for await (const chunk of bytes) await file.write(chunk);
        directoryOfFile.rename(unfinished, name);
      } catch (error) {
        directoryOfFile.remove(unfinished);
        throw lacksRoom(error) ? unavailable(root, error) : error;
      }
    },
    check: async () => {
      try {
        mkdirSync(root, { recursive: true });
        using opened = openDirectory(`${root}/.`);
        const probe = `.${crypto.randomUUID()}`;
        using file = opened.createFile(probe);
        await file.write(new Uint8Array(PROBE_BYTES)).finally(() => opened.remove(probe));
      } catch (error) {
        throw unavailable(root, error);
      }
    },
    remove: async (path) => {
      try {
        const { parent, name } = enter(path, (above, one) => above.openDirectory(one));
        using directoryOfFile = parent;
        directoryOfFile.remove(name);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    },
    read: async (path, range) => {
      const { parent, name } = enter(path, (above, one) => above.openDirectory(one));
      using directoryOfFile = parent;
      const file = directoryOfFile.openFile(name);
      return closing(file.read(range), () => file[Symbol.dispose]());
    },
  };
}

/** The bytes that must fit for the directory to be good. */
const PROBE_BYTES = 64 * 1024;

/** Does something to the directory itself; what keeps it from that somebody may mend. */
function orUnavailable<T>(root: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw wordOfPlaceError(error) === undefined ? error : unavailable(root, error);
  }
}

function unavailable(root: string, error: unknown): Unavailable {
  const word = wordOfPlaceError(error) ?? 'failing';
  return new Unavailable(`the directory of artifacts ${root} cannot be written to: ${messageOf(error)}`, {
    cause: error,
    word,
  });
}

/** Other errors may be those of the file that is read. */
function lacksRoom(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(codeOf(error) ?? '');
}

type Step = (above: OpenDirectory, name: string) => OpenDirectory;

/** A stream that calls `close` when it has ended, however it does. */
function closing(stream: ReadableStream<Uint8Array>, close: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      close();
    },
    cancel: async (reason) => {
      await reader.cancel(reason);
      close();
    },
  });
}
