import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { PackSource } from '#domain/pack-source.ts';

/** Opens a directory of archives, each named PACK.tar.gz, as a source of packs. */
export function openArchiveDirectory(directory: string): PackSource {
  return {
    open: async (packRef) => {
      const path = join(resolve(directory), `${packRef}.tar.gz`);
      await stat(path);
      return Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    },
  };
}
