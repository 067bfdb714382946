import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, ownerOf } from '#control-plane/api/auth.ts';
import type { RouteDependencies } from '#control-plane/api/dependencies.ts';
import { EVENT_STREAM_HEADERS } from '#control-plane/api/event-stream.ts';
import { MOST_MESSAGES } from '#control-plane/api/open-streams.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, eventsOf, guarded, json } from '#control-plane/api/route.ts';
import { streamMessages } from '#control-plane/api/stream-messages.ts';
import { WORKER_EXAMPLES } from '#control-plane/api/worker-examples.ts';
import { createWorkerMessages } from '#control-plane/api/worker-messages.ts';
import type { ScopedStore, Settlement } from '#domain/agent-store.ts';
import { workerId } from '#domain/ids.ts';
import type { IncomingMessage } from '#domain/messages.ts';
import type { RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { incomingMessage } from '#wire/messages.ts';
import { type WorkerCall, workerCalls } from '#wire/worker-calls.ts';

/** A worker that has no database and no broker calls these; each is a method of the port AgentStore. */
const tags = ['worker'];

/** A call as a route, with an example of what is sent and of what comes back. */
function routeOf<N extends string, Q extends z.ZodType, R extends z.ZodType>(
  { name, summary, request, reply }: WorkerCall<N, Q, R>,
  example: { readonly request: unknown; readonly reply: unknown },
) {
  return guarded('worker', {
    method: 'post',
    path: `/worker/${name}`,
    operationId: `worker-${name}`.replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags,
    summary,
    request: { body: body(request.meta({ example: example.request })) },
    responses: { 200: json(reply.meta({ example: example.reply }), 'what the method returns') },
  });
}

const messages = guarded('worker', {
  method: 'get',
  path: '/worker/messages/{queue}',
  operationId: 'followMessages',
  tags,
  summary: 'Server-sent events: the messages of one queue of a worker, acknowledged when they are sent',
  request: { params: z.object({ queue: z.string().regex(/^worker\.\d{1,15}\.(executions|cancel|packs)$/) }) },
  responses: {
    200: {
      description: 'events `message`',
      content: { 'text/event-stream': { schema: eventsOf({ message: incomingMessage }) } },
    },
  },
});

/** Workers of one token are those of one owner; those of another are none of its business. */
type StoreOf = (context: Context<AppEnv>) => ScopedStore;

type CallDependencies = Pick<RouteDependencies, 'store' | 'relay' | 'broker' | 'clock' | 'settings' | 'streams'>;

export function workerCallRoutes({
  store,
  relay,
  broker,
  clock,
  settings,
  streams,
}: CallDependencies): OpenAPIHono<AppEnv> {
  const storeOf: StoreOf = (context) => store.scopedTo(ownerOf(context.get('token')));
  /* A worker may ask for less than this server gives, and gets no more. */
  const atMost = (lease: number): number => Math.min(lease, settings.leaseMs);
  const routes = createRoutes();
  routes.openapi(routeOf(workerCalls.register, WORKER_EXAMPLES.register), async (context) => {
    const { registration: who, leaseMs: lease, gone } = context.req.valid('json');
    return context.json(await storeOf(context).register(who satisfies RegistrationRequest, atMost(lease), gone), 200);
  });
  routes.openapi(routeOf(workerCalls.heartbeat, WORKER_EXAMPLES.heartbeat), async (context) => {
    const { session: who, leaseMs: lease, mostScheduled } = context.req.valid('json');
    const heard = await storeOf(context).heartbeat(who satisfies WorkerSession, atMost(lease), mostScheduled);
    return context.json(heard, 200);
  });
  routes.openapi(routeOf(workerCalls.claim, WORKER_EXAMPLES.claim), async (context) => {
    const { session: who, offers: offered, leaseMs: lease } = context.req.valid('json');
    const wanted = offered.map((one) => ({ execution: one.execution, attempt: one.attempt, tokenHash: one.tokenHash }));
    const { messages: left, ...claims } = await storeOf(context).claim(who, wanted, atMost(lease));
    relay.publish(left);
    return context.json(claims, 200);
  });
  routes.openapi(routeOf(workerCalls.logs, WORKER_EXAMPLES.logs), async (context) => {
    const given = context.req.valid('json').chunks;
    await storeOf(context).appendLogs(given.map((one) => ({ ...one, data: Buffer.from(one.data, 'base64') })));
    return context.json({}, 200);
  });
  routes.openapi(routeOf(workerCalls.settle, WORKER_EXAMPLES.settle), async (context) => {
    const given: readonly Settlement[] = context.req.valid('json').settlements;
    const { messages: left, ...settled } = await storeOf(context).settle(given);
    relay.publish(left);
    return context.json(settled, 200);
  });
  routes.openapi(routeOf(workerCalls.drain, WORKER_EXAMPLES.drain), async (context) => {
    relay.publish((await storeOf(context).beginDrain(context.req.valid('json').session)).messages);
    return context.json({}, 200);
  });
  routes.openapi(routeOf(workerCalls.pause, WORKER_EXAMPLES.pause), async (context) => {
    const { session: who, why } = context.req.valid('json');
    relay.publish((await storeOf(context).pause(who, why ?? undefined)).messages);
    return context.json({}, 200);
  });
  addEnvironmentCalls(routes, storeOf);
  routes.openapi(routeOf(workerCalls.deregister, WORKER_EXAMPLES.deregister), async (context) => {
    await storeOf(context).deregister(context.req.valid('json').session);
    return context.json({}, 200);
  });
  addMessages(routes, storeOf, { broker, clock, streams });
  return routes;
}

function addMessages(
  routes: OpenAPIHono<AppEnv>,
  storeOf: StoreOf,
  { broker, clock, streams }: Pick<CallDependencies, 'broker' | 'clock' | 'streams'>,
): void {
  const sent = createWorkerMessages(broker);
  routes.openapi(messages, async (context) => {
    const { queue: name } = context.req.valid('param');
    const [, id = '', kind = ''] = name.split('.');
    if (!(await storeOf(context).owns(workerId(id))))
      throw new Problem('missing-scope', `${name}: worker ${id} is not one of token '${context.get('token').name}'`);
    const request = { hash: context.get('tokenHash'), name, most: MOST_MESSAGES, stop: context.req.raw.signal };
    const wants = (message: IncomingMessage): boolean => queues[kind]?.includes(message.kind) ?? false;
    const events = streams.open(request, (stop) =>
      streamMessages({ messages: sent, clock }, { worker: workerId(id), wants, stop }),
    );
    return new Response(events, {
      headers: EVENT_STREAM_HEADERS,
    });
  });
}

function addEnvironmentCalls(routes: OpenAPIHono<AppEnv>, storeOf: StoreOf): void {
  routes.openapi(routeOf(workerCalls.beginEnvironment, WORKER_EXAMPLES.beginEnvironment), async (context) => {
    const { session: who, environment: what, leaseMs: lease } = context.req.valid('json');
    return context.json(await storeOf(context).beginEnvironment(who, what, lease), 200);
  });
  routes.openapi(routeOf(workerCalls.renewEnvironment, WORKER_EXAMPLES.renewEnvironment), async (context) => {
    const { session: who, key, leaseMs: lease } = context.req.valid('json');
    return context.json(await storeOf(context).renewEnvironment(who, key, lease), 200);
  });
  routes.openapi(routeOf(workerCalls.endEnvironment, WORKER_EXAMPLES.endEnvironment), async (context) => {
    const { session: who, key, end } = context.req.valid('json');
    await storeOf(context).endEnvironment(who, key, end);
    return context.json({}, 200);
  });
  routes.openapi(routeOf(workerCalls.forgetEnvironments, WORKER_EXAMPLES.forgetEnvironments), async (context) => {
    await storeOf(context).forgetEnvironments(context.req.valid('json').keys);
    return context.json({}, 200);
  });
}

/** The messages in each of the queues of a worker: all in one, or those of one kind, as workers of versions up to 0.1 want them. */
const queues: Readonly<Record<string, readonly IncomingMessage['kind'][]>> = {
  executions: ['dispatch', 'cancel', 'pack-changed'],
  cancel: ['cancel'],
  packs: ['pack-changed'],
};
