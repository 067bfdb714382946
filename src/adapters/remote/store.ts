import type { z } from 'zod';
import type { AgentStore } from '#domain/agent-store.ts';
import { groupsOf } from '#domain/groups.ts';
import type { LogChunk } from '#domain/log.ts';
import type { OutboxStore } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { type WorkerCall, workerCalls } from '#wire/worker-calls.ts';
import { call, Refused, type ServerAddress } from './http.ts';

/** Offers of one call, whose answer the server writes in one step. */
const MOST_OFFERS = 10;
/** Bytes of logs of one call, which the server reads in one step. */
const MOST_LOG_BYTES = 1024 * 1024;

/** Opens the part of a store that a worker needs through the API of a server. The outbox stays with the server. */
export function openRemoteStore(address: ServerAddress): AgentStore & OutboxStore {
  /* A token that was revoked may be given back: a worker that holds results must not die of it. */
  const ask = async <Request extends z.ZodType, Reply extends z.ZodType>(
    to: WorkerCall<string, Request, Reply>,
    request: z.input<Request>,
  ): Promise<z.output<Reply>> => {
    try {
      return await call(address, to, request);
    } catch (error) {
      throw error instanceof Refused && error.isForbidden
        ? new Unavailable(error.message, { cause: error, word: 'server' })
        : error;
    }
  };
  return {
    register: (registration, leaseMs, gone) => ask(workerCalls.register, { registration, leaseMs, gone }),
    heartbeat: (session, leaseMs, mostScheduled) => ask(workerCalls.heartbeat, { session, leaseMs, mostScheduled }),
    claim: async (session, offers, leaseMs) => {
      const answers = groupsOf(offers, () => 1, MOST_OFFERS).map((some) =>
        ask(workerCalls.claim, { session, offers: some, leaseMs }),
      );
      return { claimed: (await Promise.all(answers)).flatMap((one) => one.claimed), messages: [] };
    },
    appendLogs: async (chunks) => {
      for (const some of groupsOf(chunks, ({ data }) => data.length, MOST_LOG_BYTES))
        await ask(workerCalls.logs, { chunks: some.map(encode) });
    },
    settle: async (settlements) => ({ ...(await ask(workerCalls.settle, { settlements })), messages: [] }),
    beginDrain: async (session) => {
      await ask(workerCalls.drain, { session });
      return { messages: [] };
    },
    pause: async (session, why) => {
      await ask(workerCalls.pause, { session, why: why ?? null });
      return { messages: [] };
    },
    deregister: async (session) => void (await ask(workerCalls.deregister, { session })),
    beginEnvironment: (session, environment, leaseMs) =>
      ask(workerCalls.beginEnvironment, { session, environment, leaseMs }),
    renewEnvironment: (session, key, leaseMs) => ask(workerCalls.renewEnvironment, { session, key, leaseMs }),
    endEnvironment: async (session, key, end) => void (await ask(workerCalls.endEnvironment, { session, key, end })),
    forgetEnvironments: async (keys) => void (await ask(workerCalls.forgetEnvironments, { keys })),
    unpublished: async () => [],
    forget: async () => {},
  };
}

type SentChunk = z.input<typeof workerCalls.logs.request>['chunks'][number];

function encode({ data, ...rest }: LogChunk): SentChunk {
  return { ...rest, data: Buffer.from(data).toString('base64') };
}
