import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** The files below a directory as tar.gz, in the order of their names. Links and special files are left out. */
export function archiveDirectory(directory: string): Readable {
  const tar = pack();
  const gzip = createGzip();
  tar.on('error', (error) => gzip.destroy(error));
  tar.pipe(gzip);
  fill(tar, directory).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return gzip;
}

async function fill(tar: ReturnType<typeof pack>, directory: string): Promise<void> {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = found.map((one) => join(one.parentPath, one.name)).toSorted();
  for (const path of paths) {
    const { mode } = statSync(path);
    const name = path.slice(directory.length + 1);
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mode: mode & 0o777, mtime: new Date(0) }, readFileSync(path), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}
