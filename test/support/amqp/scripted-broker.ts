/** A small AMQP 0-9-1 broker that answers as RabbitMQ does, but for one answer of one connection. */
import { createServer, type Socket } from 'node:net';
import {
  createFrameReader,
  FRAME,
  type Frame,
  frame,
  longString,
  method,
  readShortString,
  shortString,
  uint16,
  uint32,
  uint64,
} from './frames.ts';

/**
 * silent: the connection answers nothing more, but its heartbeats come. mute: those neither. hung-channel: only this
 * channel answers nothing more, and the connection no close, as RabbitMQ with a queue that has no leader.
 */
type FaultMode = 'silent' | 'mute' | 'hung-channel';

export interface ScriptedBroker extends Disposable {
  readonly url: string;
  /** Connections that are open now. */
  live(): number;
  /** The names of the queues that are consumed from by connections without a fault. */
  consumed(): readonly string[];
  /** Delivers a dispatch to each consumer of a connection without a fault. */
  push(): void;
  /** Says to every connection that memory is low, or that it is not any more. */
  alarm(isLow: boolean): void;
}

interface Script {
  /** What happens instead of the first answer to that method, on the first connection. */
  readonly fault?: undefined | { readonly at: keyof typeof answers; readonly mode: FaultMode };
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
}

interface Connection {
  readonly socket: Socket;
  /** By tag. */
  readonly consumers: Map<string, { readonly channel: number; readonly queue: string }>;
  mode: FaultMode | undefined;
}

const HEARTBEAT_MS = 2000;

/** By the name of the question: its numbers, and the answer's with its fields. */
const answers = {
  'connection.start-ok': ['10.11', '10.30', uint16(2047), uint32(131_072), uint16(60)],
  'connection.open': ['10.40', '10.41', shortString('')],
  'connection.close': ['10.50', '10.51'],
  'channel.open': ['20.10', '20.11', longString('')],
  'channel.close': ['20.40', '20.41'],
  'exchange.declare': ['40.10', '40.11'],
  'queue.declare': ['50.10', '50.11', shortString(''), uint32(0), uint32(0)],
  'queue.bind': ['50.20', '50.21'],
  'queue.delete': ['50.40', '50.41', uint32(0)],
  'confirm.select': ['85.10', '85.11'],
  'basic.qos': ['60.10', '60.11'],
  'basic.consume': ['60.20', '60.21'],
} as const satisfies Readonly<Record<string, readonly [question: string, answer: string, ...Buffer[]]>>;

export async function startScriptedBroker({ fault, delayMs = 0 }: Script = {}): Promise<ScriptedBroker> {
  const connections = new Set<Connection>();
  let accepted = 0;
  const server = createServer((socket) => {
    const connection: Connection = { socket, consumers: new Map(), mode: undefined };
    connections.add(connection);
    socket.on('error', () => {});
    socket.on('close', () => connections.delete(connection));
    serve(connection, { fault: ++accepted === 1 ? fault : undefined, delayMs });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the scripted broker has no port');
  const sound = (): readonly Connection[] => [...connections].filter((one) => one.mode === undefined);
  return {
    url: `amqp://guest:guest@127.0.0.1:${address.port}/`,
    live: () => connections.size,
    consumed: () => sound().flatMap((one) => [...one.consumers.values()].map(({ queue }) => queue)),
    push: () => {
      for (const { socket, consumers } of sound())
        for (const [tag, { channel }] of consumers) socket.write(delivery(channel, tag));
    },
    alarm: (isLow) => {
      for (const { socket } of sound())
        socket.write(isLow ? method(0, '10.60', shortString('low on memory')) : method(0, '10.61'));
    },
    [Symbol.dispose]: () => {
      for (const { socket } of connections) socket.destroy();
      server.close();
    },
  };
}

function serve(connection: Connection, { fault, delayMs = 0 }: Script): void {
  const { socket } = connection;
  let hungChannel = -1;
  const send = (bytes: Buffer): void => void (socket.writable && socket.write(bytes));
  const beat = setInterval(
    () => connection.mode === 'mute' || send(frame(FRAME.heartbeat, 0, Buffer.alloc(0))),
    HEARTBEAT_MS,
  );
  socket.on('close', () => clearInterval(beat));
  const isAnswered = (name: string, channel: number): boolean => {
    if (connection.mode === undefined && fault?.at === name) {
      connection.mode = fault.mode;
      hungChannel = channel;
      return false;
    }
    if (connection.mode === 'hung-channel') return channel !== hungChannel && name !== 'connection.close';
    return connection.mode === undefined;
  };
  const answer = (question: Frame): void => {
    const { channel } = question;
    const found = Object.entries(answers).find(([, [numbers]]) => numbers === numbersOf(question));
    if (!found || !isAnswered(found[0], channel)) return;
    const [name, [, numbers, ...fields]] = found;
    setTimeout(() => {
      send(method(channel, numbers, ...(name === 'basic.consume' ? [consume(connection, question)] : fields)));
      if (name === 'channel.close') forgetConsumers(connection, channel);
      if (name === 'connection.close') socket.end();
    }, delayMs);
  };
  const start = (): void =>
    send(method(0, '10.10', Buffer.from([0, 9]), uint32(0), longString('PLAIN'), longString('en_US')));
  const read = createFrameReader((one) => {
    if (one.type === FRAME.method) answer(one);
  }, start);
  socket.on('data', read);
}

function numbersOf({ payload }: Frame): string {
  return `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`;
}

/** Notes the consumer, and returns the field of the answer: its tag. */
function consume({ consumers }: Connection, { channel, payload }: Frame): Buffer {
  const queue = readShortString(payload, 6);
  const tag = readShortString(payload, 7 + Buffer.byteLength(queue)) || `tag-${consumers.size}`;
  consumers.set(tag, { channel, queue });
  return shortString(tag);
}

function forgetConsumers({ consumers }: Connection, channel: number): void {
  for (const [tag, one] of consumers) if (one.channel === channel) consumers.delete(tag);
}

function delivery(channel: number, tag: string): Buffer {
  const body = Buffer.from(
    JSON.stringify({
      message_id: crypto.randomUUID(),
      correlation_id: crypto.randomUUID(),
      message_type: 'ExecutionRequested',
      version: '1.0',
      timestamp: new Date().toISOString(),
      headers: { retry_count: 0 },
      payload: { execution_id: 1, worker_id: 7, attempt: 1 },
    }),
  );
  return Buffer.concat([
    method(
      channel,
      '60.60',
      shortString(tag),
      uint64(1),
      Buffer.from([0]),
      shortString('attune.executions'),
      shortString('k'),
    ),
    frame(FRAME.header, channel, Buffer.concat([uint16(60), uint16(0), uint64(body.length), uint16(0)])),
    frame(FRAME.body, channel, body),
  ]);
}
