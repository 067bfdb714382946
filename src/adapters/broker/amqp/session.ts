import { type Channel, type ChannelModel, connect, credentials } from 'amqplib';
import type { ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import { messageOf } from '#domain/errors.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { watchAlarms } from './alarms.ts';
import { type Attachment, attach } from './attach.ts';
import { hangUp } from './hang-up.ts';
import { createHints } from './hints.ts';
import { publishAll } from './publish.ts';
import { feelPulse } from './pulse.ts';
import { readTls } from './tls.ts';
import { createTopology, type Topology } from './topology.ts';
import { answered, within } from './within.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that is silent for two of these is dead. */
const HEARTBEAT_S = 5;
/** The service that publishes after each execution, and may publish nothing else. */
const WORKER = 'worker';

/** One connection, from its making to its first failure. Whatever goes wrong on it ends it. */
export interface Session {
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Publishes each once, unless the broker takes no messages for now; nobody learns what becomes of it. */
  hint(hints: readonly OutgoingMessage[]): void;
  attach(queue: QueueDefinition, options: ConsumeOptions): Promise<Attachment>;
  deleteQueue: Topology['deleteQueue'];
  emptyQueue: Topology['emptyQueue'];
  /**
   * Why the broker takes no messages for now, which is for lack of memory or disk space; undefined if it takes them.
   */
  blocked(): string | undefined;
  /** Says for how long the broker has not answered; undefined if it answers. */
  silence(): string | undefined;
  /** Resolves with the reason of its end. */
  readonly ended: Promise<string>;
  /** Ends it at once, for that reason; then leaves, politely where the broker answers. */
  close(reason?: string): Promise<void>;
}

interface SessionOptions {
  now(): number;
  /** The name of the service that publishes. */
  readonly service: string;
}

export async function openSession(url: string, { now, service }: SessionOptions): Promise<Session> {
  const connection = await dial(url);
  const ended = Promise.withResolvers<string>();
  connection.on('error', (error: Error) => ended.resolve(messageOf(error)));
  connection.on('close', (error?: Error) => ended.resolve(error ? messageOf(error) : 'the connection was closed'));
  const alarms = watchAlarms(connection, service !== WORKER);
  const blocked = alarms.current;
  let closing: Promise<void> | undefined;
  try {
    const topology = createTopology(connection);
    await topology.declareExchanges();
    const channel = await answered('no channel was opened', connection.createConfirmChannel());
    endWith(channel, ended.resolve);
    const pulse = feelPulse(channel);
    void ended.promise.then(() => {
      pulse[Symbol.dispose]();
      alarms[Symbol.dispose]();
    });
    const sendHints = createHints(connection, { now, service });
    return {
      hint: (hints) => {
        if (blocked() === undefined) sendHints(hints);
      },
      publish: async (messages) => {
        const alarm = blocked();
        if (alarm !== undefined) throw new Unavailable(alarm, { word: 'alarm' });
        try {
          await publishAll(channel, messages, { at: now(), service });
        } catch (error) {
          /* A broker with an alarm confirms later, and another connection would fare no better. */
          if (blocked() === undefined) ended.resolve(messageOf(error));
          throw new Unavailable(`broker: ${messageOf(error)}`, { cause: error, word: 'broker' });
        }
      },
      attach: async (queue, options) => {
        const declared = topology.declareQueue(queue);
        return await attach(connection, { queue, options, declared, publisher: channel, end: ended.resolve });
      },
      deleteQueue: topology.deleteQueue,
      emptyQueue: topology.emptyQueue,
      blocked,
      silence: pulse.silence,
      ended: ended.promise,
      close: async (reason = 'the connection was closed') => {
        ended.resolve(reason);
        closing ??= hangUp(connection);
        await closing;
      },
    };
  } catch (error) {
    alarms[Symbol.dispose]();
    void hangUp(connection);
    throw error;
  }
}

/** Bounded here too: a broker that dies between accepting and answering leaves amqplib without an answer for ever. */
async function dial(url: string): Promise<ChannelModel> {
  const { url: address, socket } = readTls(new URL(url));
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(HEARTBEAT_S));
  const clientProperties = { connection_name: 'attune-agent' };
  const connecting = connect(address.href, {
    ...socket,
    ...loginOf(address),
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties,
  });
  try {
    return await within(CONNECT_TIMEOUT_MS, 'no connection was opened', connecting);
  } catch (error) {
    connecting.then(hangUp, () => {}); /* one that comes late is not left open */
    throw error;
  }
}

/** User and password of a URL. The driver would take their bytes for characters. */
function loginOf({ username, password }: URL): { readonly credentials?: ReturnType<typeof credentials.plain> } {
  if (username === '' && password === '') return {};
  return { credentials: credentials.plain(decodeURIComponent(username), decodeURIComponent(password)) };
}

/** A channel that the broker closes is as bad as a closed connection: everything is made anew. */
function endWith(channel: Channel, end: (reason: string) => void): void {
  channel.on('error', (error: Error) => end(messageOf(error)));
  channel.on('close', () => end('the channel was closed'));
}
