import { Registry } from 'prom-client';
import { createApp } from '#control-plane/api/app.ts';
import { documentOf } from '#control-plane/api/document.ts';
import { noTracer } from '#domain/tracing.ts';
import { createFakeClock } from './fake-clock.ts';

/** The document alone asks nothing of what a server depends on. */
const address = { publicUrl: () => undefined, basePath: '', corsOrigins: [] };
const settings = { version: '1.0.0', requestsPerSecond: 0, ...address };
const deps = { ...{ settings, clock: createFakeClock(0), files: {}, packs: {}, store: {} }, tracer: noTracer };

/** The OpenAPI document of the API, of a server at no address of its own. */
export const apiDocument = documentOf(createApp({ ...deps, ownMetrics: new Registry() } as never), {
  version: '1.0.0',
  url: '/',
});
