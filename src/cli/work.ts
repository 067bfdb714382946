import { openAmqpBroker } from '#broker/amqp/broker.ts';
import type { Config } from '#config/schema.ts';
import { showConfig } from '#config/show-config.ts';
import type { Environment } from '#domain/runtime.ts';
import { createRelay } from '#outbox/relay.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { systemClock } from './clock.ts';
import { complain } from './complain.ts';
import { describeDatabaseFailure } from './database-failure.ts';
import { EXIT } from './exit-codes.ts';
import { openJournal, type Report } from './journal.ts';
import { readConfig, requireServers, type ServerUrls } from './read-config.ts';
import { prepareWorker, startWorker } from './start-worker.ts';
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
    await write(process.stdout, showConfig(config));
    return EXIT.success;
  }
  if (options.standalone) {
    const { standalone } = await import('./standalone.ts');
    return await standalone(config, env);
  }
  const servers = await requireServers(config, 'without both, --standalone runs everything in this one process');
  if (!servers) return EXIT.configuration;
  using stop = stopOnSignals();
  return await workOn({ config, ...servers }, env, stop);
}

interface Servers extends ServerUrls {
  readonly config: Config;
}

async function workOn({ config, databaseUrl, brokerUrl }: Servers, env: Environment, stop: Stop): Promise<number> {
  const report = openJournal(config.log.format);
  const prepared = await prepareWorker(config, env, stop.cancel);
  if (stop.cancel.aborted) return stop.exitCode() ?? EXIT.success;
  if (!prepared.ok) {
    await complain(prepared.error);
    return EXIT.configuration;
  }
  const { runtimes, settings } = prepared.value;
  const slots = settings.introduction.capabilities.max_concurrent_executions;
  report('detected', { runtimes: runtimes.join(','), slots, ms: Math.round(prepared.value.detection.totalMs) });
  await using store = openPostgresStore(databaseUrl);
  const flaw = await describeDatabaseFailure(() => store.findAction(''), databaseUrl);
  if (flaw !== undefined) {
    await complain(flaw);
    return EXIT.failure;
  }
  await using broker = openAmqpBroker({ url: brokerUrl, clock: systemClock, onChange: tellBroker(report) });
  const relay = createRelay({ store, broker, clock: systemClock });
  const end = await startWorker(settings, { store, broker, relay, report, config, env }, stop);
  switch (end.kind) {
    case 'drained':
      report('stopped', { hurried: stop.hurry.aborted });
      return stop.hurry.aborted ? (stop.exitCode() ?? EXIT.terminated) : EXIT.success;
    case 'replaced':
      await complain(`another process has taken the name ${config.worker.name}: this one has ended what it ran`);
      return EXIT.failure;
    case 'name-taken':
      await complain(
        `a worker named ${config.worker.name} is alive on ${end.host} (pid ${end.pid}): give this one another name with --name or ATTUNE_WORKER_NAME`,
      );
      return EXIT.failure;
  }
}

/** Each change once. */
function tellBroker(report: Report): (problem: string | undefined) => void {
  let last: string | undefined = 'not connected yet';
  return (problem) => {
    if (problem !== last)
      report(problem === undefined ? 'broker connected' : 'broker away', problem === undefined ? {} : { why: problem });
    last = problem;
  };
}
