import { backoffMs } from '#domain/backoff.ts';
import type { Broker, ConsumeOptions } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { readAnswer } from '#wire/answer.ts';
import { incomingMessage } from '#wire/messages.ts';
import { eventsOf } from './events.ts';
import { openStream, type ServerAddress } from './http.ts';
import { SILENCE_MS } from './patience.ts';
import { createWatchdog } from './watchdog.ts';

const LONGEST_PAUSE_MS = 5000;

interface RemoteBrokerOptions {
  readonly address: ServerAddress;
  readonly clock: Clock;
  onChange(problem: string | undefined): void;
  /** A message does not fit: it is left out, and its execution is dispatched again. */
  onUnreadable(problem: string): void;
}

/** The queues of one worker, by one stream of a server for each; it connects when the first is consumed, and again after every loss. */
export function openRemoteBroker({ address, clock, onChange, onUnreadable }: RemoteBrokerOptions): Broker {
  const closing = new AbortController();
  const problems = new Map<string, string | undefined>();
  const problem = (): string | undefined => [...problems.values()].find((one) => one !== undefined);
  const change = (queue: string, next: string | undefined): void => {
    problems.set(queue, next);
    onChange(problem());
  };
  const lives = new Set<Promise<void>>();
  /* One connection, from its making to its end. */
  const readStream = async ({ queue, options, ready, stop }: Listening): Promise<void> => {
    using silence = createWatchdog(clock, SILENCE_MS);
    const stream = await openStream(address, `worker/messages/${queue}`, AbortSignal.any([stop, silence.signal]));
    change(queue, undefined);
    ready();
    for await (const { event, data } of eventsOf(stream, silence.reset)) {
      if (event !== 'message') continue;
      const message = readAnswer(incomingMessage, data);
      if (message.ok) options.onMessage({ message: message.value, ...acknowledgedByServer });
      else onUnreadable(`${queue}: ${message.error}`);
    }
    const why: unknown = silence.signal.reason ?? 'the connection ended';
    throw new Error(`server ${address.url}: ${messageOf(why)}`);
  };
  const listen = async (listening: Listening): Promise<void> => {
    const { queue, stop } = listening;
    for (let failures = 0; !stop.aborted; failures++) {
      const openedAt = clock.monotonic();
      await readStream(listening).catch((error: unknown) => {
        if (!stop.aborted) change(queue, messageOf(error));
      });
      if (clock.monotonic() - openedAt > LONGEST_PAUSE_MS) failures = 0;
      await clock.sleep(backoffMs(failures, LONGEST_PAUSE_MS, clock), stop);
    }
  };
  return {
    publish: async () => {},
    hint: () => {},
    consume: ({ name }, options) => {
      const ready = Promise.withResolvers<void>();
      const ending = new AbortController();
      const stop = AbortSignal.any([closing.signal, ending.signal]);
      const life = listen({ queue: name, options, ready: ready.resolve, stop });
      lives.add(life);
      const close = async (): Promise<void> => {
        ending.abort();
        await life;
      };
      /* The server removes the queues of a worker. */
      return { ready: ready.promise, remove: close, empty: close, [Symbol.asyncDispose]: close };
    },
    trouble: () => {
      const why = problem();
      return why === undefined ? undefined : { word: 'server', why };
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.all(lives);
    },
  };
}

interface Listening {
  readonly queue: string;
  readonly options: ConsumeOptions;
  readonly stop: AbortSignal;
  ready(): void;
}

/** The server acknowledged the message when it sent it; an execution that nobody claims is dispatched again. */
const acknowledgedByServer = { acknowledge: () => {}, giveBack: () => {} };
