/** A real HTTP server that speaks S3, with one bucket, of a test's own. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export async function startS3(): Promise<S3Server> {
  const directory = temporaryDirectory();
  const port = freePort();
  const program = join(dirname(fileURLToPath(import.meta.resolve('s3rver'))), '../bin/s3rver.js');
  const options = [
    '--address',
    '127.0.0.1',
    '--port',
    String(port),
    '--directory',
    directory.path,
    '--configure-bucket',
    'attune',
  ];
  const child = Bun.spawn([process.execPath, program, ...options], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  await until('the S3 server answers', answers);
  return {
    ...{ endpoint, bucket: 'attune', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
      directory[Symbol.dispose]();
    },
  };
}
