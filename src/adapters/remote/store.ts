import type { AgentStore, Claims, Heartbeat, Settled } from '#domain/agent-store.ts';
import type { LogChunk } from '#domain/log.ts';
import type { OutboxStore } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { RegistrationOutcome } from '#domain/worker.ts';
import { call, Refused, type ServerAddress } from './http.ts';

/** What a worker needs of a store, by a server. Its outbox is the server's business. */
export function openRemoteStore(address: ServerAddress): AgentStore & OutboxStore {
  /* A token that was revoked may be given back: a worker that holds results must not die of it. */
  const ask = async <Answer>(name: string, body: object): Promise<Answer> => {
    try {
      return await call<Answer>(address, name, body);
    } catch (error) {
      throw error instanceof Refused && error.isForbidden ? new Unavailable(error.message, { cause: error }) : error;
    }
  };
  return {
    register: (registration, leaseMs, gone) => ask<RegistrationOutcome>('register', { registration, leaseMs, gone }),
    heartbeat: (session, leaseMs) => ask<Heartbeat>('heartbeat', { session, leaseMs }),
    claim: async (session, offers, leaseMs) => ({
      ...(await ask<Omit<Claims, 'messages'>>('claim', { session, offers, leaseMs })),
      messages: [],
    }),
    appendLogs: async (chunks) => void (await ask('logs', { chunks: chunks.map(encode) })),
    settle: async (settlements) => ({
      ...(await ask<Omit<Settled, 'messages'>>('settle', { settlements })),
      messages: [],
    }),
    beginDrain: async (session) => {
      await ask('drain', { session });
      return { messages: [] };
    },
    deregister: async (session) => void (await ask('deregister', { session })),
    beginEnvironment: (session, environment, leaseMs) => ask('environments/begin', { session, environment, leaseMs }),
    renewEnvironment: (session, key, leaseMs) => ask('environments/renew', { session, key, leaseMs }),
    endEnvironment: async (session, key, end) => void (await ask('environments/end', { session, key, end })),
    forgetEnvironments: async (keys) => void (await ask('environments/forget', { keys })),
    unpublished: async () => [],
    forget: async () => {},
  };
}

function encode({ data, ...rest }: LogChunk): object {
  return { ...rest, data: Buffer.from(data).toString('base64') };
}
