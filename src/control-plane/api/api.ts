import { createApp, MOST_UPLOAD_BYTES } from './app.ts';
import type { ApiDependencies } from './dependencies.ts';

export interface ApiAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Serves the API until disposed. Throws when the address is taken. */
export function serveApi(
  deps: ApiDependencies,
  { host, port }: ApiAddress,
): AsyncDisposable & { readonly url: string } {
  const app = createApp(deps);
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: 0 /* logs are followed for as long as they come */,
    maxRequestBodySize: Math.max(MOST_UPLOAD_BYTES, deps.settings.maxArtifactBytes),
    fetch: (request, self) => app.fetch(request, { address: self.requestIP(request)?.address ?? '' }),
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    [Symbol.asyncDispose]: async () => await server.stop(true),
  };
}
