/** A TCP relay on loopback whose connections can be cut, muted or refused: networks as they are. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks all connections; new ones are served. */
  cut(): void;
  /** Nothing comes back from the server any more, and no connection breaks. */
  mute(): void;
  unmute(): void;
  /** Every byte takes so many milliseconds in each direction. */
  delay(ms: number): void;
  /** Breaks all connections, and new ones at once. */
  refuse(): void;
  /** Serves new connections again. */
  accept(): void;
}

/** Decides which bytes of a server reach its client; a new one is made for each connection. */
export type Filter = (bytes: Uint8Array) => Uint8Array;

export async function startProxy(
  targetPort: number,
  createFilter: () => Filter = () => (bytes) => bytes,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isMuted = false;
  let isRefusing = false;
  let delayMs = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const server = createServer((client) => {
    keep(client);
    if (isRefusing) {
      client.destroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    keep(upstream);
    const filter = createFilter();
    const toServer = createLine((bytes) => upstream.write(bytes));
    const toClient = createLine((bytes) => client.write(bytes));
    client.on('data', (bytes: Buffer) => toServer(bytes, delayMs));
    upstream.on('data', (bytes: Buffer) => {
      if (!isMuted) toClient(filter(bytes), delayMs);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    mute: () => {
      isMuted = true;
    },
    unmute: () => {
      isMuted = false;
      cut(); /* what was swallowed is missing: such a connection is of no use */
    },
    delay: (ms) => {
      delayMs = ms;
    },
    refuse: () => {
      isRefusing = true;
      cut();
    },
    accept: () => {
      isRefusing = false;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
    },
  };
}

/** Passes bytes on after their delays, in their order. */
function createLine(pass: (bytes: Uint8Array) => void): (bytes: Uint8Array, delayMs: number) => void {
  const waiting: Uint8Array[] = [];
  let last = 0;
  return (bytes, delayMs) => {
    if (delayMs === 0 && waiting.length === 0) {
      pass(bytes);
      return;
    }
    const now = performance.now();
    last = Math.max(last, now + delayMs);
    waiting.push(bytes);
    setTimeout(() => {
      const next = waiting.shift();
      if (next) pass(next);
    }, last - now);
  };
}
