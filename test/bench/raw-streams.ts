import { connect, type Socket } from 'node:net';

/** A GET whose answer goes on, by a socket of its own: fetch opens 256 connections at most. */
export interface RawStream {
  /** Resolves with the status and the bytes of the answer once the connection has ended, or why there is none. */
  readonly answer: Promise<string>;
  /** Resolves once the answer has begun. */
  readonly begun: Promise<void>;
  end(): void;
}

/** Opens a stream of events. */
export function openRawStream(url: string, token: string | undefined): RawStream {
  const { hostname, port, pathname } = new URL(url);
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let bytes = 0;
  let status = 'no answer';
  const socket: Socket = connect(Number(port), hostname, () => {
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
  });
  socket.on('data', (chunk) => {
    if (bytes === 0) status = chunk.toString('latin1', 'HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
    bytes += chunk.length;
    begun.resolve();
  });
  socket.on('error', (error) => {
    status = `${status} ${error.message}`;
    socket.destroy();
  });
  socket.on('close', () => {
    begun.resolve();
    ended.resolve(`${status}, ${bytes} bytes`);
  });
  return { answer: ended.promise, begun: begun.promise, end: () => socket.destroy() };
}
