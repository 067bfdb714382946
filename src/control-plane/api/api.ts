import { createApp, MOST_UPLOAD_BYTES } from './app.ts';
import { withoutBase } from './base-path.ts';
import { beginInTurns } from './begin-in-turns.ts';
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
  const { basePath } = deps.settings;
  const below = (request: Request): Request => {
    const url = withoutBase(request.url, basePath);
    return url === request.url ? request : new Request(url, request);
  };
  const isSecond = createTurns();
  const turnToBegin = beginInTurns();
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: IDLE_S,
    maxRequestBodySize: Math.max(MOST_UPLOAD_BYTES, deps.settings.maxArtifactBytes),
    fetch: async (request, self) => {
      const { address: peer, port: from } = self.requestIP(request) ?? { address: '', port: 0 };
      guard.asked(peer, from);
      if (isSecond(`${peer} ${from}`)) await new Promise(setImmediate);
      await turnToBegin();
      return await app.fetch(below(request), {
        address: addressOf(peer, request.headers.get('x-forwarded-for')),
        broughtToken: (hash) => guard.brought(peer, from, hash),
        lostToken: () => guard.drop(peer, from),
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

/**
 * Makes a function that tells whether a connection asks for the second time in one turn of the event loop. Bun closes a
 * connection that sends another request while one waits; but those that it can answer at once it would take by the
 * thousand, as many as a client has sent ahead, before anybody else has a turn.
 */
function createTurns(): (connection: string) => boolean {
  const asked = new Set<string>();
  return (connection) => {
    if (asked.size === 0) setImmediate(() => asked.clear());
    const isSecond = asked.has(connection);
    asked.add(connection);
    return isSecond;
  };
}
