import { openRemoteBroker } from '#adapters/remote/broker.ts';
import { call, Refused, type ServerAddress, serverUrl, UnreadableAnswer } from '#adapters/remote/http.ts';
import { openRemoteStore } from '#adapters/remote/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { messageOf } from '#domain/errors.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { workerCalls } from '#wire/worker-calls.ts';
import { systemClock } from './clock.ts';
import { brokerStateLogger, openLogger } from './logger.ts';
import { prepareOrLeave, workToTheEnd } from './start-worker.ts';
import type { Stop } from './stop-on-signals.ts';

interface RemoteWorkerOptions {
  readonly env: ProcessEnv;
  readonly stop: Stop;
}

/** A worker by the API of a server alone, until a signal. */
export async function workRemotely(
  config: Config,
  { url, token }: ServerAddress,
  { env, stop }: RemoteWorkerOptions,
): Promise<number> {
  const logger = openLogger(config);
  const prepared = await prepareOrLeave(config, env, stop);
  if (typeof prepared === 'number') return prepared;
  const { runtimes, settings } = prepared;
  logger.info('detected', { runtimes: runtimes.join(',') });
  const address = { url: serverUrl(url), token };
  const refusal = await describeRefusal(address);
  if (refusal !== undefined) {
    await complain(refusal);
    return EXIT.failure;
  }
  const store = openRemoteStore(address);
  const onUnreadable = (why: string): void => logger.info('message left out', { why });
  await using broker = openRemoteBroker({
    address,
    clock: systemClock,
    onChange: brokerStateLogger(logger),
    onUnreadable,
  });
  const relay = createRelay({ store, broker, clock: systemClock });
  return await workToTheEnd(settings, { store, broker, relay, logger, config, env }, stop);
}

const MAKE_TOKEN = 'attune-agent token create --scope worker makes a token for workers';

/** Why the server lets no worker work, from a question about a session that nobody holds. Undefined: it would let this one, or cannot be reached now. */
async function describeRefusal(address: ServerAddress): Promise<string | undefined> {
  try {
    await call(address, workerCalls.heartbeat, { session: { worker: '0', instance: 'none' }, leaseMs: 1000 });
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableAnswer) return messageOf(error);
    return error instanceof Refused ? `${messageOf(error)}; ${MAKE_TOKEN}` : undefined;
  }
}
