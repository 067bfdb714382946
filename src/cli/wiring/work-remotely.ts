import { openRemoteBroker } from '#adapters/remote/broker.ts';
import { call, Refused, type ServerAddress, serverUrl } from '#adapters/remote/http.ts';
import { openRemoteStore } from '#adapters/remote/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { messageOf } from '#domain/errors.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
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
    await complain(`${refusal}; attune-agent token create --scope worker makes a token for workers`);
    return EXIT.failure;
  }
  const store = openRemoteStore(address);
  await using broker = openRemoteBroker({ address, clock: systemClock, onChange: brokerStateLogger(logger) });
  const relay = createRelay({ store, broker, clock: systemClock });
  return await workToTheEnd(settings, { store, broker, relay, logger, config, env }, stop);
}

/** Asks for what nobody holds. Undefined: the server would let this worker work, or cannot be reached now. */
async function describeRefusal(address: ServerAddress): Promise<string | undefined> {
  try {
    await call(address, 'heartbeat', { session: { worker: '0', instance: 'none' }, leaseMs: 1000 });
    return undefined;
  } catch (error) {
    return error instanceof Refused ? messageOf(error) : undefined;
  }
}
