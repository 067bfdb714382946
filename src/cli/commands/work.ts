import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { AnswerFormat } from '#cli/options.ts';
import { write } from '#cli/terminal.ts';
import type { Call } from '#cli/verb.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { deadlinesOf, leaveInTime } from '#cli/wiring/leave-in-time.ts';
import { openLogger } from '#cli/wiring/logger.ts';
import { openMetrics, serveMetrics } from '#cli/wiring/metrics.ts';
import { openTracer } from '#cli/wiring/open-tracer.ts';
import { prepareWorker } from '#cli/wiring/prepare-worker.ts';
import { readHereWithOrigins, requireServers } from '#cli/wiring/read-config.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { runWorkerProcess } from '#cli/wiring/worker-process.ts';
import { answerIn } from '#cli/wiring/write-answer.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import { listConfig, showConfig } from '#config/show-config.ts';
import type { Logger } from '#domain/logger.ts';
import type { Result } from '#domain/result.ts';
import { createMasker } from '#execution/masking/masker.ts';
import type { WorkerConnection } from '#worker/worker.ts';

interface WorkOptions {
  readonly printConfig?: true;
  readonly standalone?: true;
  readonly format: AnswerFormat | 'env';
}

/** The call without a verb, until a signal: reads the configuration, detects what is here, connects, and runs the worker. */
export async function work(options: WorkOptions, call: Call): Promise<number> {
  const loaded = await readHereWithOrigins(call.sources);
  if (!loaded) return EXIT.configuration;
  const { config } = loaded;
  if (options.printConfig) {
    if (options.format === 'env') {
      await complain('--format env is for --detect-only: settings are printed as text, json or yaml');
      return EXIT.usage;
    }
    const text = await answerIn(options.format, { settings: listConfig(loaded) }, showConfig(loaded));
    await write(process.stdout, createMasker(secretValues(config)).text(text));
    return EXIT.success;
  }
  if (options.standalone) {
    const { standalone } = await import('./standalone.ts');
    return await standalone(config, call);
  }
  const connect = await chooseConnection(config);
  if (!connect) return EXIT.configuration;
  using stop = stopOnSignals();
  const working = workOn(connect, { config, call, stop });
  return await leaveInTime(working, stop, { withinMs: deadlinesOf(config).leaveMs, clock: systemClock });
}

interface WorkContext {
  readonly config: Config;
  readonly call: Call;
  readonly stop: Stop;
}

async function workOn(connect: Connect, { config, call, stop }: WorkContext): Promise<number> {
  const logger = openLogger(config);
  await using resources = new AsyncDisposableStack();
  /* Interpreters take a while to answer, and so do servers: all of them are asked at once. */
  const preparing = prepareWorker(config, call, stop);
  const connecting = connect({ config, logger, resources });
  connecting.catch(() => {}); /* whoever awaits it gets the rejection */
  const prepared = await preparing;
  if (typeof prepared === 'number') return prepared;
  const { runtimes, settings, detection } = prepared;
  const slots = settings.registration.capabilities.max_concurrent_executions;
  logger.info('detected', { runtimes: runtimes.join(','), slots, ms: Math.round(detection.totalMs) });
  const connected = await connecting;
  if (!connected.ok) {
    await complain(connected.error);
    return EXIT.failure;
  }
  const { metrics_host: host, metrics_port: port } = config.worker;
  const metrics = openMetrics(port !== undefined);
  if (port !== undefined) {
    const served = serveMetrics(metrics, { host, port });
    if (!served.ok) {
      await complain(served.error);
      return EXIT.configuration;
    }
    logger.info('metrics', { url: resources.use(served.value).url });
  }
  const tracer = await openTracer({ service: ['attune-worker', config.worker.name], config, metrics });
  resources.use(tracer);
  const deps = { connection: connected.value, logger, metrics, tracer, config, env: call.env };
  return await runWorkerProcess(settings, deps, stop);
}

type Connect = (deps: {
  readonly config: Config;
  readonly logger: Logger;
  readonly resources: AsyncDisposableStack;
}) => Promise<Result<WorkerConnection, string>>;

/** Chooses how to reach the rest of Attune: by both servers, or by the API if neither is configured. Undefined: settings are missing, and the user has been told which. */
async function chooseConnection(config: Config): Promise<Connect | undefined> {
  const { api_url: url, api_token: token } = config;
  const hasServer = config.database.url !== undefined || config.message_queue.url !== undefined;
  if (!hasServer && url !== undefined && token !== undefined) {
    return async (deps) => {
      const { connectByApi } = await import('#cli/wiring/connect-by-api.ts');
      return await connectByApi({ url, token }, deps);
    };
  }
  const servers = await requireServers(
    config,
    'without both, a server does: ATTUNE_API_URL and ATTUNE_API_TOKEN; --standalone runs everything in this one process',
  );
  if (!servers) return undefined;
  return async (deps) => {
    const { connectToServers } = await import('#cli/wiring/connect-to-servers.ts');
    return await connectToServers(servers, deps);
  };
}
