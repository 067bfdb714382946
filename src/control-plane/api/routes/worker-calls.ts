import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { streamMessages } from '#control-plane/api/stream-messages.ts';
import type { ScopedStore, Settlement } from '#domain/agent-store.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { executionId, type WorkerId, workerId } from '#domain/ids.ts';
import type { RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { workerQueues } from '#domain/worker-queues.ts';

/** A worker that has no database and no broker calls these; each is a method of the port AgentStore. */
const tags = ['worker'];
const digits = z.string().regex(/^\d{1,15}$/);
const execution = digits.transform(executionId);
const count = z.int().min(0).max(1_000_000_000);
const leaseMs = z.number().max(3_600_000);
const session = z.object({ worker: digits.transform(workerId), instance: z.string().min(1).max(100) });
const text = z.string().max(1000);
const texts = z.array(text).max(1000);

const registration = z.object({
  name: text.min(1),
  instance: z.string().min(1).max(100),
  workerType: z.enum(['local', 'remote', 'container']),
  host: text,
  pid: count,
  process: text,
  capabilities: z.looseObject({
    runtimes: texts,
    max_concurrent_executions: count,
    worker_version: text,
    agent_mode: z.literal(true),
    agent_binary_name: text,
    agent_binary_version: text,
    detected_interpreters: z.array(z.object({ name: text, path: text, version: text.nullable() })).max(1000),
    runtime_versions: z.record(text, texts),
    labels: z.record(text, text),
    taints: z
      .array(z.object({ key: text, value: text, effect: z.enum(['no_schedule', 'prefer_no_schedule']) }))
      .max(1000),
    ephemeral: z.boolean().optional(),
  }),
  templates: z
    .array(z.object({ name: text, aliases: texts, executionConfig: z.record(text, z.unknown()) }))
    .max(1000)
    .default([]),
});

const environment = z.object({ key: text, packRef: text, runtime: text, checksum: text });
const buildEnd = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), error: z.string().max(10_000) }),
  z.object({ kind: z.literal('released') }),
]);

const tokenHash = z.string().regex(/^[0-9a-f]{64}$/);
const offers = z.array(z.object({ execution, attempt: count.optional(), tokenHash: tokenHash.optional() })).max(1000);

const chunks = z
  .array(
    z.object({
      execution,
      attempt: count,
      stream: z.enum(['stdout', 'stderr']),
      seq: count,
      offset: z.int().min(0),
      data: z.base64(),
      at: z.number(),
    }),
  )
  .max(10_000);

const verdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('final'),
    status: z.enum(FINAL_STATUSES),
    result: z.unknown(),
    secrets: z
      .array(z.object({ path: text, value: z.unknown() }))
      .max(1000)
      .optional(),
  }),
  z.object({
    kind: z.literal('again'),
    reason: z.string(),
    delayMs: z.number().min(0),
    result: z.unknown(),
  }),
]);
const artifacts = z
  .array(z.object({ name: text, bytes: z.int().min(0), checksum: text, path: text }))
  .max(10_000)
  .optional();
const settlements = z.array(session.extend({ execution, attempt: count, artifacts, verdict })).max(1000);

/** One call, by the name of the method. */
function worker<S extends z.ZodType>(name: string, summary: string, schema: S) {
  return guarded('worker', {
    method: 'post',
    path: `/worker/${name}`,
    tags,
    summary,
    request: { body: body(schema) },
    responses: { 200: json(z.unknown(), 'what the method returns') },
  });
}

const calls = {
  register: worker('register', 'Take a name', z.object({ registration, leaseMs, gone: text.optional() })),
  heartbeat: worker('heartbeat', 'Renew all leases', z.object({ session, leaseMs })),
  claim: worker('claim', 'Begin what was offered', z.object({ session, offers, leaseMs })),
  logs: worker('logs', 'Append to logs', z.object({ chunks })),
  settle: worker('settle', 'Report results', z.object({ settlements })),
  drain: worker('drain', 'Take nothing new', z.object({ session })),
  beginEnvironment: worker(
    'environments/begin',
    'Ask for the right to build an environment',
    z.object({ session, environment, leaseMs }),
  ),
  renewEnvironment: worker('environments/renew', 'Keep that right', z.object({ session, key: text, leaseMs })),
  endEnvironment: worker('environments/end', 'Say how it went', z.object({ session, key: text, end: buildEnd })),
  forgetEnvironments: worker('environments/forget', 'Say what was removed', z.object({ keys: texts })),
  deregister: worker('deregister', 'Give the name back', z.object({ session })),
};

const messages = guarded('worker', {
  method: 'get',
  path: '/worker/messages/{queue}',
  tags,
  summary: 'Server-sent events: the messages of one queue of a worker, acknowledged when they are sent',
  request: { params: z.object({ queue: z.string().regex(/^worker\.\d{1,15}\.(executions|cancel|packs)$/) }) },
  responses: {
    200: { description: 'events `message`', content: { 'text/event-stream': { schema: z.string() } } },
  },
});

/** Workers of one token are those of one owner; those of another are none of its business. */
type StoreOf = (context: Context<AppEnv>) => ScopedStore;

export function workerCallRoutes(deps: ApiDependencies): OpenAPIHono<AppEnv> {
  const { relay, broker, clock } = deps;
  const storeOf: StoreOf = (context) => deps.store.scopedTo(`token:${context.get('token').name}`);
  const routes = createRoutes();
  routes.openapi(calls.register, async (context) => {
    const { registration: who, leaseMs: lease, gone } = context.req.valid('json');
    return context.json(await storeOf(context).register(who satisfies RegistrationRequest, lease, gone), 200);
  });
  routes.openapi(calls.heartbeat, async (context) => {
    const { session: who, leaseMs: lease } = context.req.valid('json');
    return context.json(await storeOf(context).heartbeat(who satisfies WorkerSession, lease), 200);
  });
  routes.openapi(calls.claim, async (context) => {
    const { session: who, offers: offered, leaseMs: lease } = context.req.valid('json');
    const wanted = offered.map((one) => ({ execution: one.execution, attempt: one.attempt, tokenHash: one.tokenHash }));
    const { messages: left, ...claims } = await storeOf(context).claim(who, wanted, lease);
    relay.publish(left);
    return context.json(claims, 200);
  });
  routes.openapi(calls.logs, async (context) => {
    const given = context.req.valid('json').chunks;
    await storeOf(context).appendLogs(given.map((one) => ({ ...one, data: Buffer.from(one.data, 'base64') })));
    return context.json({}, 200);
  });
  routes.openapi(calls.settle, async (context) => {
    const given: readonly Settlement[] = context.req.valid('json').settlements;
    const { messages: left, ...settled } = await storeOf(context).settle(given);
    relay.publish(left);
    return context.json(settled, 200);
  });
  routes.openapi(calls.drain, async (context) => {
    relay.publish((await storeOf(context).beginDrain(context.req.valid('json').session)).messages);
    return context.json({}, 200);
  });
  addEnvironmentCalls(routes, storeOf);
  routes.openapi(calls.deregister, async (context) => {
    await storeOf(context).deregister(context.req.valid('json').session);
    return context.json({}, 200);
  });
  routes.openapi(messages, async (context) => {
    const { queue: name } = context.req.valid('param');
    const [, id = '', kind = ''] = name.split('.');
    if (!(await storeOf(context).owns(workerId(id))))
      throw new Problem('missing-scope', `${name}: worker ${id} is not one of token '${context.get('token').name}'`);
    const queue = queueOf(workerId(id), kind);
    return new Response(streamMessages({ broker, clock }, queue, context.req.raw.signal), {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
  });
  return routes;
}

function addEnvironmentCalls(routes: OpenAPIHono<AppEnv>, storeOf: StoreOf): void {
  routes.openapi(calls.beginEnvironment, async (context) => {
    const { session: who, environment: what, leaseMs: lease } = context.req.valid('json');
    return context.json(await storeOf(context).beginEnvironment(who, what, lease), 200);
  });
  routes.openapi(calls.renewEnvironment, async (context) => {
    const { session: who, key, leaseMs: lease } = context.req.valid('json');
    return context.json(await storeOf(context).renewEnvironment(who, key, lease), 200);
  });
  routes.openapi(calls.endEnvironment, async (context) => {
    const { session: who, key, end } = context.req.valid('json');
    await storeOf(context).endEnvironment(who, key, end);
    return context.json({}, 200);
  });
  routes.openapi(calls.forgetEnvironments, async (context) => {
    await storeOf(context).forgetEnvironments(context.req.valid('json').keys);
    return context.json({}, 200);
  });
}

function queueOf(worker: WorkerId, kind: string) {
  const queues = workerQueues(worker);
  if (kind === 'executions' || kind === 'cancel' || kind === 'packs') return queues[kind];
  throw new Problem('not-found', `a worker has no queue '${kind}'`);
}
