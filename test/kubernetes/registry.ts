/** A real registry on loopback, without TLS: that of the CNCF, which .ci/build-kubernetes.sh builds. */
import { join } from 'node:path';
import { freePort } from '#test/support/free-port.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

export async function startRegistry(programs: string): Promise<AsyncDisposable & { readonly port: number }> {
  const directory = temporaryDirectory();
  const port = freePort();
  const config = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: join(directory.path, 'blobs') } },
    http: { addr: `127.0.0.1:${port}` },
  };
  const child = Bun.spawn([join(programs, 'registry'), 'serve', directory.file('config.yml', JSON.stringify(config))], {
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await until('the registry answers', async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    return (await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined))?.status === 200;
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
      directory[Symbol.dispose]();
    },
  };
}
