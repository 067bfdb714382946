import { connect, type Socket } from 'node:net';

/** A GET whose answer goes on, by a socket of its own: fetch opens 256 connections at most. */
export interface RawStream {
  /** Resolves with the bytes of the answer once the server has closed it. */
  readonly bytes: Promise<number>;
  /** Resolves once the answer has begun. */
  readonly begun: Promise<void>;
  end(): void;
}

/** Opens a stream of events. */
export function openRawStream(url: string, token: string | undefined): RawStream {
  const { hostname, port, pathname } = new URL(url);
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number>();
  let bytes = 0;
  const socket: Socket = connect(Number(port), hostname, () => {
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
  });
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    begun.resolve();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    begun.resolve();
    ended.resolve(bytes);
  });
  return { bytes: ended.promise, begun: begun.promise, end: () => socket.destroy() };
}
