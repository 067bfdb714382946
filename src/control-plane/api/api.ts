import { createApp, MOST_UPLOAD_BYTES } from './app.ts';
import { createClientAddress, createTrust } from './client-address.ts';
import { createConnectionGuard } from './connection-guard.ts';
import type { ApiDependencies } from './dependencies.ts';

/**
 * A connection on which nothing moves for so long is closed, whether its request is whole or not; event streams show that
 * they are alive more often.
 */
const IDLE_S = 60;
/** Between two looks at the connections. */
const LOOK_MS = 500;

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
  const addressOf = createClientAddress(deps.settings.trustedProxies);
  const guard = createConnectionGuard(deps.connections, deps.clock, createTrust(deps.settings.trustedProxies));
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: IDLE_S,
    maxRequestBodySize: Math.max(MOST_UPLOAD_BYTES, deps.settings.maxArtifactBytes),
    fetch: (request, self) => {
      const { address: peer, port: from } = self.requestIP(request) ?? { address: '', port: 0 };
      guard.asked(peer, from);
      return app.fetch(request, {
        address: addressOf(peer, request.headers.get('x-forwarded-for')),
        broughtToken: () => guard.brought(peer, from),
      });
    },
  });
  const looking = setInterval(() => guard.look(server.port ?? port), LOOK_MS).unref();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(looking);
      await server.stop(true);
    },
  };
}
