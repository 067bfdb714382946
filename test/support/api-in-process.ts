import { Registry } from 'prom-client';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { createWebhookSender } from '#adapters/webhooks/sender.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { openAgentFiles } from '#control-plane/api/agent-files.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { noTracer } from '#domain/tracing.ts';
import { openInstalledPacks } from '#packs/installed-packs.ts';
import { packWorkHere } from '#packs/pack-work.ts';
import { loggerOf } from './event-log.ts';

interface Given extends Pick<ApiDependencies, 'store' | 'relay'> {
  readonly directory: string;
  readonly resources: AsyncDisposableStack;
}

/** What the API takes to be served in the process of a test, on a store of its own. */
export function apiOn({ store, relay, directory, resources }: Given): ApiDependencies {
  return {
    ...{ store, relay, clock, logger: loggerOf(() => {}), ownMetrics: new Registry(), tracer: noTracer },
    broker: { ...resources.use(createLocalBroker(clock)), reconnects: () => 0 },
    packs: {
      installed: openInstalledPacks(`${directory}/installed`, directory),
      checksum: async () => '',
      work: packWorkHere,
      refresh: async () => {},
      problems: () => [],
    },
    login: undefined,
    webhooks: createWebhookSender({ allowNetworks: [], userAgent: 'test', clock }),
    files: {
      agent: openAgentFiles({ directory: undefined, self: undefined, cacheDirectory: directory }),
      artifacts: undefined,
    },
    troubles: () => [],
    leaving: new AbortController().signal,
    hideSecrets: (text) => text,
    connections: { list: () => [], end: () => {} },
    settings: {
      ...{ version: 'test', leaseMs: 60_000, scheduleTimeoutSeconds: 300, bootstrapToken: undefined },
      publicUrl: () => undefined,
      ...{ hasCipher: true, maxArtifactBytes: 1000, requestsPerSecond: 0, mostUnfinished: 0, trustedProxies: [] },
      ...{ basePath: '', corsOrigins: [], callbacks: 'unconfined' },
    },
  };
}
