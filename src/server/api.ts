import { z } from 'zod';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { executionId } from '#domain/ids.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Relay } from '#outbox/relay.ts';
import { checkParameters } from '#packs/parameter-schema.ts';
import { describeExecution, describeWorker } from './describe.ts';
import { followLogs } from './follow-logs.ts';

export interface ApiParts {
  readonly store: ClientStore;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly version: string;
  /** Called before an action is looked up: it may have changed on disk. */
  refresh(actionRef: string): Promise<void>;
}

export interface ApiAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const MOST_BODY_BYTES = 16 * 1024 * 1024;

const executionRequest = z.strictObject({
  action_ref: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
  env_vars: z.record(z.string(), z.string()).optional(),
  timeout_seconds: z.number().int().positive().max(31_536_000).optional(),
  max_retries: z.number().int().min(0).max(1000).optional(),
  worker_selector: z.record(z.string(), z.string()).optional(),
});

/** Listens until disposed. Throws when the address is taken. */
export function serveApi(parts: ApiParts, { host, port }: ApiAddress): AsyncDisposable & { readonly url: string } {
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: 0 /* logs are followed for as long as they come */,
    maxRequestBodySize: MOST_BODY_BYTES,
    routes: {
      '/api/v1/health': () => Response.json({ status: 'ok', version: parts.version }),
      '/api/v1/workers': { GET: () => answer(() => listWorkers(parts)) },
      '/api/v1/actions/:ref': { GET: (request) => answer(() => readAction(parts, request.params.ref)) },
      '/api/v1/executions': { POST: (request) => answer(() => createExecution(parts, request)) },
      '/api/v1/executions/:id': { GET: (request) => answer(() => readExecution(parts, request.params.id)) },
      '/api/v1/executions/:id/cancel': { POST: (request) => answer(() => cancelExecution(parts, request.params.id)) },
      '/api/v1/executions/:id/logs': { GET: (request) => answer(() => readLogs(parts, request.params.id, request)) },
    },
    fetch: (request) => problem(404, `${request.method} ${new URL(request.url).pathname}: there is no such thing`),
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    [Symbol.asyncDispose]: async () => await server.stop(true),
  };
}

async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unavailable) return problem(503, error.message);
    return problem(500, messageOf(error));
  }
}

function problem(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

async function listWorkers({ store, leaseMs }: ApiParts): Promise<Response> {
  return Response.json({ workers: (await store.listWorkers(leaseMs)).map(describeWorker) });
}

async function readAction({ store, refresh }: ApiParts, ref: string): Promise<Response> {
  await refresh(ref);
  const action = await store.findAction(ref);
  if (!action) return problem(404, `there is no action '${ref}'`);
  const { actionRef, label, description, packRef, parameterSchema } = action;
  return Response.json({
    ref: actionRef,
    label,
    description,
    pack_ref: packRef,
    param_schema: parameterSchema ?? null,
  });
}

async function createExecution({ store, relay, refresh }: ApiParts, request: Request): Promise<Response> {
  const body = await readBody(request);
  const parsed = executionRequest.safeParse(body);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    return problem(400, issues.join('; '));
  }
  const { action_ref: actionRef, ...rest } = parsed.data;
  await refresh(actionRef);
  const action = await store.findAction(actionRef);
  if (!action) return problem(404, `there is no action '${actionRef}'`);
  const checked = checkParameters(rest.parameters, action.parameterSchema);
  if (!checked.ok) return problem(422, `${actionRef}: ${checked.error.join('; ')}`);
  const { executions, messages } = await store.request([
    {
      actionRef,
      parameters: checked.value,
      envVars: rest.env_vars,
      timeoutSeconds: rest.timeout_seconds,
      maxRetries: rest.max_retries,
      selector: rest.worker_selector,
    },
  ]);
  relay.publish(messages);
  const view = executions[0] && (await store.readExecution(executions[0]));
  return view
    ? Response.json(describeExecution(view), { status: 201 })
    : problem(404, `there is no action '${actionRef}' any more`);
}

async function readBody(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

async function readExecution({ store }: ApiParts, id: string): Promise<Response> {
  const view = isId(id) ? await store.readExecution(executionId(id)) : undefined;
  return view ? Response.json(describeExecution(view)) : problem(404, `there is no execution ${id}`);
}

async function cancelExecution({ store, relay }: ApiParts, id: string): Promise<Response> {
  const cancelled = isId(id) ? await store.cancel(executionId(id), 'the API') : undefined;
  if (!cancelled) return problem(404, `there is no execution ${id}`);
  relay.publish(cancelled.messages);
  return Response.json({ id: Number(id), status: cancelled.status }, { status: 202 });
}

async function readLogs(parts: ApiParts, id: string, request: Request): Promise<Response> {
  const view = isId(id) ? await parts.store.readExecution(executionId(id)) : undefined;
  if (!view) return problem(404, `there is no execution ${id}`);
  const follow = new URL(request.url).searchParams.get('follow') === 'true';
  return new Response(followLogs(parts, { execution: view.execution, follow, stop: request.signal }), {
    headers: { 'content-type': 'application/x-ndjson' },
  });
}

function isId(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}
