import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { cipherOf } from '#cli/wiring/cipher-of.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { describeDatabaseFailure } from '#cli/wiring/database-failure.ts';
import { brokerStateLogger, openLogger } from '#cli/wiring/logger.ts';
import { readConfig, requireServers, type ServerUrls } from '#cli/wiring/read-config.ts';
import { prepareOrLeave, workToTheEnd } from '#cli/wiring/start-worker.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import { showConfig } from '#config/show-config.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { createMasker } from '#execution/masking/masker.ts';

export interface WorkOptions {
  readonly config?: string;
  readonly name?: string;
  readonly printConfig?: true;
  readonly standalone?: true;
  readonly data?: string;
  readonly port?: string;
}

/** The call without a verb: detect, configure, work until a signal. */
export async function work(options: WorkOptions, env: ProcessEnv): Promise<number> {
  const flags = { 'worker.name': options.name, data_dir: options.data, 'server.port': options.port };
  const config = await readConfig({ flags, env, file: options.config });
  if (!config) return EXIT.configuration;
  if (options.printConfig) {
    await write(process.stdout, createMasker(secretValues(config)).text(showConfig(config)));
    return EXIT.success;
  }
  if (options.standalone) {
    const { standalone } = await import('./standalone.ts');
    return await standalone(config, env);
  }
  const isRemote = config.database.url === undefined && config.message_queue.url === undefined;
  if (isRemote && config.api_url !== undefined && config.api_token !== undefined) {
    using stop = stopOnSignals();
    const { workRemotely } = await import('#cli/wiring/work-remotely.ts');
    return await workRemotely(config, { url: config.api_url, token: config.api_token }, { env, stop });
  }
  const servers = await requireServers(
    config,
    'without both, a server does: ATTUNE_API_URL and ATTUNE_API_TOKEN; --standalone runs everything in this one process',
  );
  if (!servers) return EXIT.configuration;
  using stop = stopOnSignals();
  return await workOn({ config, ...servers }, env, stop);
}

interface Servers extends ServerUrls {
  readonly config: Config;
}

async function workOn({ config, databaseUrl, brokerUrl }: Servers, env: ProcessEnv, stop: Stop): Promise<number> {
  const logger = openLogger(config);
  const prepared = await prepareOrLeave(config, env, stop);
  if (typeof prepared === 'number') return prepared;
  const { runtimes, settings } = prepared;
  const slots = settings.registration.capabilities.max_concurrent_executions;
  logger.info('detected', { runtimes: runtimes.join(','), slots, ms: Math.round(prepared.detection.totalMs) });
  await using store = openPostgresStore(databaseUrl, { cipher: cipherOf(config) });
  const flaw = await describeDatabaseFailure(() => store.unpublished(0, 0), databaseUrl);
  if (flaw !== undefined) {
    await complain(flaw);
    return EXIT.failure;
  }
  await using broker = openAmqpBroker({ url: brokerUrl, clock: systemClock, onChange: brokerStateLogger(logger) });
  const relay = createRelay({ store, broker, clock: systemClock });
  return await workToTheEnd(settings, { store, broker, relay, logger, config, env }, stop);
}
