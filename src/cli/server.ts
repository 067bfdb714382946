import { openAmqpBroker } from '#broker/amqp/broker.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { Environment } from '#domain/runtime.ts';
import { createRelay } from '#outbox/relay.ts';
import { loadPacks } from '#packs/load-action.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { systemClock } from './clock.ts';
import { complain } from './complain.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { describeDatabaseFailure } from './database-failure.ts';
import { EXIT } from './exit-codes.ts';
import { openJournal } from './journal.ts';
import { NO_BROKER, NO_DATABASE, readConfig } from './read-config.ts';
import { stopOnSignals } from './stop-on-signals.ts';

export interface ServerOptions {
  readonly config?: string;
  readonly port?: string;
}

/** Scheduler, monitor and API on PostgreSQL and RabbitMQ, until a signal. Packs of `packs_base_dir` are registered at the start. */
export async function server(options: ServerOptions, env: Environment): Promise<number> {
  const config = await readConfig({ flags: { 'server.port': options.port }, env, file: options.config });
  if (!config) return EXIT.configuration;
  const { database, message_queue: queue } = config;
  if (database.url === undefined || queue.url === undefined) {
    await complain(
      ...(database.url === undefined ? [NO_DATABASE] : []),
      ...(queue.url === undefined ? [NO_BROKER] : []),
    );
    return EXIT.configuration;
  }
  using stop = stopOnSignals();
  const report = openJournal(config.log.format);
  await using store = openPostgresStore(database.url);
  const flaw = await describeDatabaseFailure(async () => {
    for (const { pack, actions } of loadPacks(config.packs_base_dir).packs) await store.savePack(pack, actions);
    await store.findAction('');
  }, database.url);
  if (flaw !== undefined) {
    await complain(flaw);
    return EXIT.failure;
  }
  await using broker = openAmqpBroker({ url: queue.url, clock: systemClock });
  const relay = createRelay({ store, broker, clock: systemClock });
  let plane: ControlPlane;
  try {
    plane = startControlPlane({ store, broker, relay, report, refresh: async () => {} }, config);
  } catch (error) {
    const why = codeOf(error) === 'EADDRINUSE' ? 'somebody else listens there' : messageOf(error);
    await complain(`cannot listen on ${config.server.host}:${config.server.port}: ${why}`);
    return EXIT.failure;
  }
  await using _ = plane;
  report('serving', { url: `${plane.url}/api/v1` });
  await Promise.race([plane.life, new Promise((resolve) => stop.cancel.addEventListener('abort', resolve))]);
  report('stopped', {});
  return EXIT.success;
}
