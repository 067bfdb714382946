import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Clock } from '#domain/clock.ts';
import { networkOf } from '#domain/network.ts';
import { startTimer, type Timer } from '#domain/timer.ts';
import type { Certificate } from './certificates.ts';
import { chooseEvicted, type Held } from './choose-evicted.ts';

/** The bounds of the connections of a front. */
interface FrontBounds {
  /** Connections at a time, those without a handshake among them; a new one takes the place of another one. */
  readonly most: number;
  readonly handshakeMs: number;
  /** Milliseconds from the first byte of a question, or from the handshake, to the first byte of its answer. */
  readonly answerMs: number;
  /** Milliseconds of silence after an answer. */
  readonly silenceMs: number;
}

export const FRONT_BOUNDS: FrontBounds = {
  most: 100,
  handshakeMs: 10_000,
  answerMs: 15_000 /* the body has 10 s of them */,
  silenceMs: 90_000,
};

interface Behind {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The port of loopback on which somebody speaks HTTP. */
  readonly behind: number;
  readonly clock: Clock;
  readonly bounds: FrontBounds;
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

const LOOKS_AGAIN_MS = 20;
const MOST_LOOKS = 25;

/** Resolves when it listens; rejects when the address cannot be had. */
export async function openTlsFront(
  first: Certificate,
  { host, port, behind, clock, bounds }: Behind,
): Promise<TlsFront> {
  const open = new Map<Socket, HeldSocket>();
  const options = { ...contextOf(first), handshakeTimeout: bounds.handshakeMs };
  const server = createServer(options, (outer) => {
    const held = open.get(outer);
    if (!held) return void outer.destroy();
    const moves = (): void => {
      held.since = clock.monotonic();
    };
    moves();
    held.hasShakenHands = true;
    join(outer, { inner: connect(behind, '127.0.0.1'), moves }, bounds);
  });
  server.on('connection', (outer: Socket) => {
    open.set(outer, {
      socket: outer,
      network: networkOf(outer.remoteAddress ?? ''),
      since: clock.monotonic(),
      hasShakenHands: false,
    });
    outer.on('close', () => open.delete(outer));
    if (open.size > bounds.most) evict(open);
  });
  /* A client that does not trust it, speaks no TLS, or says nothing. */
  server.on('tlsClientError', (_, socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port /* it listens on TCP */,
    use: (certificate) => server.setSecureContext(contextOf(certificate)),
    close: async () => {
      server.close();
      for (let look = 0; open.size > 0 && look < MOST_LOOKS; look++) await clock.sleep(LOOKS_AGAIN_MS);
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

interface HeldSocket extends Held {
  readonly socket: Socket;
}

function evict(open: Map<Socket, HeldSocket>): void {
  const chosen = chooseEvicted(open.values());
  if (!chosen) return;
  open.delete(chosen.socket);
  chosen.socket.destroy();
}

interface Joined {
  readonly inner: Socket;
  /** Notes that the connection has made a step. */
  moves(): void;
}

/** Passes on what both say, and ends them together: in silence, or when a question comes so slowly that nobody can answer it. */
function join(outer: Socket, { inner, moves }: Joined, { answerMs, silenceMs }: FrontBounds): void {
  const end = (): void => void outer.destroy();
  let unanswered: Timer | undefined = startTimer(answerMs, end);
  outer
    .on('error', end)
    .on('close', () => {
      unanswered?.stop();
      inner.destroy();
    })
    .on('data', () => {
      if (unanswered) return;
      moves();
      unanswered = startTimer(answerMs, end);
    });
  inner
    .on('error', end)
    .on('close', () => outer.pause().end(end)) /* what it has said is sent, and no more is read */
    .on('data', () => {
      moves();
      unanswered?.stop();
      unanswered = undefined;
    });
  outer.setTimeout(silenceMs, end);
  outer.pipe(inner).pipe(outer);
}

function contextOf({ certificate, key }: Certificate): { readonly cert: string; readonly key: string } {
  return { cert: certificate, key };
}
