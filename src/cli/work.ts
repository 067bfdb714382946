import { openAmqpBroker } from '#broker/amqp/broker.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import { showConfig } from '#config/show-config.ts';
import type { Environment } from '#domain/runtime.ts';
import { createMasker } from '#masking/masker.ts';
import { createRelay } from '#outbox/relay.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { cipherOf } from './cipher-of.ts';
import { systemClock } from './clock.ts';
import { complain } from './complain.ts';
import { describeDatabaseFailure } from './database-failure.ts';
import { EXIT } from './exit-codes.ts';
import { openJournal, tellBroker } from './journal.ts';
import { readConfig, requireServers, type ServerUrls } from './read-config.ts';
import { prepareOrLeave, workToTheEnd } from './start-worker.ts';
import { type Stop, stopOnSignals } from './stop-on-signals.ts';
import { write } from './terminal.ts';

export interface WorkOptions {
  readonly config?: string;
  readonly name?: string;
  readonly printConfig?: true;
  readonly standalone?: true;
  readonly data?: string;
  readonly port?: string;
}

/** The call without a verb: detect, configure, work until a signal. */
export async function work(options: WorkOptions, env: Environment): Promise<number> {
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
    const { workRemotely } = await import('./work-remotely.ts');
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

async function workOn({ config, databaseUrl, brokerUrl }: Servers, env: Environment, stop: Stop): Promise<number> {
  const report = openJournal(config);
  const prepared = await prepareOrLeave(config, env, stop);
  if (typeof prepared === 'number') return prepared;
  const { runtimes, settings } = prepared;
  const slots = settings.introduction.capabilities.max_concurrent_executions;
  report('detected', { runtimes: runtimes.join(','), slots, ms: Math.round(prepared.detection.totalMs) });
  await using store = openPostgresStore(databaseUrl, { cipher: cipherOf(config) });
  const flaw = await describeDatabaseFailure(() => store.unpublished(0, 0), databaseUrl);
  if (flaw !== undefined) {
    await complain(flaw);
    return EXIT.failure;
  }
  await using broker = openAmqpBroker({ url: brokerUrl, clock: systemClock, onChange: tellBroker(report) });
  const relay = createRelay({ store, broker, clock: systemClock });
  return await workToTheEnd(settings, { store, broker, relay, report, config, env }, stop);
}
