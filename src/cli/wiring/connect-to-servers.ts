import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import type { Config } from '#config/schema.ts';
import { workerId } from '#domain/ids.ts';
import type { Logger } from '#domain/logger.ts';
import { createRelay, WORKER_SWEEPS_EVERY_MS } from '#domain/outbox-relay.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { WorkerConnection } from '#worker/worker.ts';
import { ciphersOf } from './ciphers-of.ts';
import { systemClock } from './clock.ts';
import { describeDatabaseFailure } from './database-failure.ts';
import { sharedFilesOf } from './joined-settings.ts';
import { brokerStateLogger } from './logger.ts';
import type { ServerUrls } from './read-config.ts';

interface ConnectDependencies {
  readonly config: Config;
  readonly logger: Logger;
  /** Closes what this has opened. */
  readonly resources: AsyncDisposableStack;
}

/** Connects a worker to PostgreSQL and RabbitMQ. The error says why the database refuses it; servers that are away are waited for. */
export async function connectToServers(
  { databaseUrl, brokerUrl }: ServerUrls,
  { config, logger, resources }: ConnectDependencies,
): Promise<Result<WorkerConnection, string>> {
  const store = resources.use(
    openPostgresStore(databaseUrl, { ciphers: ciphersOf(config), shared: sharedFilesOf(config) }),
  );
  /* Asked for nobody, this changes nothing, and opens the connection on which the worker registers. */
  const ask = (): Promise<unknown> => store.heartbeat({ worker: workerId('0'), instance: 'none' }, 1000);
  const flaw = await describeDatabaseFailure(ask, databaseUrl);
  if (flaw !== undefined) return failure(flaw);
  const onChange = brokerStateLogger(logger);
  const broker = resources.use(openAmqpBroker({ url: brokerUrl, clock: systemClock, onChange }));
  const relay = createRelay({ store, broker, clock: systemClock, sweepEveryMs: WORKER_SWEEPS_EVERY_MS });
  return success({ store, broker, relay, upstream: 'database' });
}
