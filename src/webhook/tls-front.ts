import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Clock } from '#domain/clock.ts';
import type { Certificate } from './certificates.ts';

interface Behind {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The port of loopback on which somebody speaks HTTP. */
  readonly behind: number;
  readonly clock: Clock;
}

/**
 * Listens with TLS before a server of plain HTTP. The server of Bun cannot exchange its certificate, and a second one beside
 * it, on the same port, would lose the connections that wait for the first.
 */
export interface TlsFront {
  readonly port: number;
  /** New connections get another certificate; those that are there go on. Throws when it cannot be used. */
  use(certificate: Certificate): void;
  /** Takes no more connections, and lets those that the server behind has ended say their last bytes. */
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 1000;
const HANDSHAKE_MS = 30_000;
/** Silence after which a connection is closed. */
const SILENCE_MS = 90_000;
const LOOKS_AGAIN_MS = 20;
const MOST_LOOKS = 25;

/** Resolves when it listens; rejects when the address cannot be had. */
export async function openTlsFront(first: Certificate, { host, port, behind, clock }: Behind): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const options = { ...contextOf(first), handshakeTimeout: HANDSHAKE_MS };
  const server = createServer(options, (outer) => {
    if (sockets.size >= MOST_CONNECTIONS) return void outer.destroy();
    sockets.add(outer);
    const inner = connect(behind, '127.0.0.1');
    outer
      .on('error', () => outer.destroy())
      .on('close', () => {
        sockets.delete(outer);
        inner.destroy();
      });
    inner.on('error', () => outer.destroy()).on('close', () => outer.end()); /* what it has said is sent */
    outer.setTimeout(SILENCE_MS, () => outer.destroy());
    outer.pipe(inner).pipe(outer);
  });
  server.on('tlsClientError', () => {}); /* a client that does not trust it, or speaks no TLS */
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port /* it listens on TCP */,
    use: (certificate) => server.setSecureContext(contextOf(certificate)),
    close: async () => {
      server.close();
      for (let look = 0; sockets.size > 0 && look < MOST_LOOKS; look++) await clock.sleep(LOOKS_AGAIN_MS);
      for (const socket of sockets) socket.destroy();
    },
  };
}

function contextOf({ certificate, key }: Certificate): { readonly cert: string; readonly key: string } {
  return { cert: certificate, key };
}
