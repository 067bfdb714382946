import { openCluster } from '#adapters/kubernetes/cluster.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { whenAborted } from '#domain/abort.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { certificateOfFiles, ownCertificate } from '#webhook/certificate-sources.ts';
import { createCertificateKeeper } from '#webhook/keep-certificate.ts';
import { serveWebhook, type Webhook } from '#webhook/serve.ts';
import type { InjectionSettings } from '#webhook/settings.ts';
import { systemClock } from './clock.ts';
import { leaveInTime } from './leave-in-time.ts';
import { openLogger } from './logger.ts';
import { type Stop, stopOnSignals } from './stop-on-signals.ts';
import { ACCOUNT, type Given } from './webhook-settings.ts';

interface Running {
  readonly given: Given;
  readonly settings: InjectionSettings;
  readonly config: Config;
  readonly env: ProcessEnv;
}

/** Milliseconds for which it answers after the signal to end: Services forget an end that is not ready a little later. */
const FAREWELL_MS = 5000;
const LEAVES_WITHIN_MS = 15_000;
/** A certificate is looked at again after so long: files are cheap to read, the API is not. */
const LOOKS_AGAIN_MS = { files: 5000, own: 60_000 };

/** Answers API servers until a signal. Resolves with the exit code. */
export async function runWebhook({ given, settings, config, env }: Running): Promise<number> {
  const keeping = sourceOf(given, env);
  if (!keeping.ok) {
    await complain(keeping.error);
    return EXIT.usage;
  }
  using stop = stopOnSignals();
  const logger = openLogger(config);
  const keeper = createCertificateKeeper({ ...keeping.value, clock: systemClock, logger });
  const work = serve({ keeper, settings, config, logger, stop });
  return await leaveInTime(work, stop, { withinMs: LEAVES_WITHIN_MS, clock: systemClock });
}

interface Serving extends Pick<Running, 'settings' | 'config'> {
  readonly keeper: ReturnType<typeof createCertificateKeeper>;
  readonly logger: Logger;
  readonly stop: Stop;
}

async function serve({ keeper, settings, config, logger, stop }: Serving): Promise<number> {
  const first = await keeper.first(stop.cancel);
  if (!first.ok) {
    await complain(first.error);
    return EXIT.configuration;
  }
  if (!first.value) return EXIT.success; /* a signal came first */
  const { host, port } = config.server;
  let webhook: Webhook;
  try {
    webhook = await serveWebhook(first.value, { settings, logger, clock: systemClock, host, port });
  } catch (error) {
    const why = codeOf(error) === 'EADDRINUSE' ? 'somebody else listens there' : messageOf(error);
    await complain(`cannot listen on ${host}:${port}: ${why}`);
    return EXIT.failure;
  }
  logger.info('serving', { url: `https://${host}:${webhook.port}/mutate` });
  const kept = keeper.keep(webhook.use, stop.cancel);
  await whenAborted(stop.cancel);
  webhook.leave();
  logger.info('leaving', {});
  await systemClock.sleep(FAREWELL_MS, stop.killNow);
  await kept;
  await webhook.close();
  logger.info('stopped', {});
  return EXIT.success;
}

type Keeping = Pick<Parameters<typeof createCertificateKeeper>[0], 'source' | 'isPatient' | 'everyMs'>;

function sourceOf(given: Given, env: ProcessEnv): Result<Keeping, string> {
  const { tlsCert, tlsKey, tlsSecret, configuration, service, namespace, serviceAccount = ACCOUNT } = given;
  if ((tlsCert !== undefined || tlsKey !== undefined) && tlsSecret !== undefined)
    return failure('--tls-cert and --tls-key contradict --tls-secret: a certificate comes from files or is made');
  if (tlsCert !== undefined && tlsKey !== undefined)
    return success({
      source: certificateOfFiles({ certificate: tlsCert, key: tlsKey }),
      isPatient: false,
      everyMs: LOOKS_AGAIN_MS.files,
    });
  if (tlsSecret === undefined || configuration === undefined || service === undefined)
    return failure(
      'it listens with a certificate: give --tls-cert and --tls-key, or in a cluster --tls-secret, --configuration and --service',
    );
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (host === undefined || namespace === undefined)
    return failure(
      '--tls-secret needs a Pod with a service account: KUBERNETES_SERVICE_HOST or the namespace is missing',
    );
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const cluster = openCluster({ url, account: serviceAccount, namespace });
  const names = [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`];
  return success({
    source: ownCertificate({ cluster, clock: systemClock, secret: tlsSecret, configuration, names }),
    isPatient: true,
    everyMs: LOOKS_AGAIN_MS.own,
  });
}
