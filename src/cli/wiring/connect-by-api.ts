import { openRemoteBroker } from '#adapters/remote/broker.ts';
import { call, Refused, type ServerAddress, serverUrl, UnreadableAnswer } from '#adapters/remote/http.ts';
import { openRemoteStore } from '#adapters/remote/store.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { workerCalls } from '#wire/worker-calls.ts';
import type { WorkerConnection } from '#worker/worker.ts';
import { systemClock } from './clock.ts';
import { brokerStateLogger } from './logger.ts';

interface ConnectDependencies {
  readonly logger: Logger;
  /** Closes what this has opened. */
  readonly resources: AsyncDisposableStack;
}

/** Connects a worker to the API of a server alone. The error says why the server refuses it; a server that is away is waited for. */
export async function connectByApi(
  { url, token }: ServerAddress,
  { logger, resources }: ConnectDependencies,
): Promise<Result<WorkerConnection, string>> {
  const address = { url: serverUrl(url), token };
  const refusal = await describeRefusal(address);
  if (refusal !== undefined) return failure(refusal);
  const store = openRemoteStore(address);
  const onUnreadable = (why: string): void => logger.warn('message left out', { why });
  const onChange = brokerStateLogger(logger);
  const broker = resources.use(openRemoteBroker({ address, clock: systemClock, onChange, onUnreadable }));
  return success({ store, broker, relay: createRelay({ store, broker, clock: systemClock }), upstream: 'server' });
}

const MAKE_TOKEN = 'attune-agent token create --name NAME --scope worker makes a token for workers';

/**
 * Describes why the server lets no worker work, from a question about a session that nobody holds. Undefined if it
 * would let this one, or cannot be reached now.
 */
async function describeRefusal(address: ServerAddress): Promise<string | undefined> {
  try {
    await call(address, workerCalls.heartbeat, { session: { worker: '0', instance: 'none' }, leaseMs: 1000 });
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableAnswer) return messageOf(error);
    return error instanceof Refused ? `${messageOf(error)}; ${MAKE_TOKEN}` : undefined;
  }
}
