import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { describeWorker } from '#control-plane/api/describe-views.ts';
import { listRuntimes } from '#control-plane/api/list-runtimes.ts';
import { listWorkers } from '#control-plane/api/list-workers.ts';
import { pageOf } from '#control-plane/api/page-of.ts';
import { id, page } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { workerId } from '#domain/ids.ts';
import type { Page } from '#domain/page.ts';
import type { WorkerRemoval } from '#domain/worker.ts';
import { pageCursor } from '#wire/values.ts';
import {
  cordonRequest,
  removalQuery,
  runtimeList,
  runtimeRegistry,
  type Worker,
  worker,
  workerList,
} from '#wire/workers.ts';

const tags = ['workers'];

const list = guarded('read', {
  method: 'get',
  path: '/workers',
  operationId: 'listWorkers',
  tags,
  summary: 'All workers that are not forgotten, with what they offer, page by page',
  request: { query: page.extend({ cursor: pageCursor }) },
  responses: { 200: json(workerList, 'all of them') },
});

const read = guarded('read', {
  method: 'get',
  path: '/workers/{id}',
  operationId: 'readWorker',
  tags,
  summary: 'One worker',
  request: { params: id },
  responses: { 200: json(worker, 'as it is now') },
});

const cordon = guarded('admin', {
  method: 'post',
  path: '/workers/{id}/cordon',
  operationId: 'cordonWorker',
  tags,
  summary: 'Give a worker nothing new; what it runs goes on',
  request: {
    params: id,
    body: body(cordonRequest),
  },
  responses: { 200: json(worker, 'cordoned') },
});

const uncordon = guarded('admin', {
  method: 'post',
  path: '/workers/{id}/uncordon',
  operationId: 'uncordonWorker',
  tags,
  summary: 'Let a worker have executions again',
  request: { params: id },
  responses: { 200: json(worker, 'takes work again') },
});

const remove = guarded('admin', {
  method: 'delete',
  path: '/workers/{id}',
  operationId: 'removeWorker',
  tags,
  summary: 'Forget a worker that holds nothing; what it ran stays',
  request: { params: id, query: removalQuery },
  responses: { 204: { description: 'removed' } },
});

const runtimes = guarded('read', {
  method: 'get',
  path: '/runtimes',
  operationId: 'listRuntimes',
  tags,
  summary: 'What the living workers can run, with the versions of each',
  responses: { 200: json(runtimeList, 'by their names') },
});

const registry = guarded('read', {
  method: 'get',
  path: '/runtimes/registry',
  operationId: 'listRegisteredRuntimes',
  tags,
  summary: 'How each runtime is run and its dependencies are installed, of the agent and of packs, page by page',
  request: { query: page },
  responses: { 200: json(runtimeRegistry, 'by their refs') },
});

export function workerRoutes({ store, settings }: Pick<ApiDependencies, 'store' | 'settings'>): OpenAPIHono<AppEnv> {
  const { leaseMs } = settings;
  const routes = createRoutes();
  const find = async (text: string): Promise<Worker> => {
    const [found] = await store.listWorkers(leaseMs, { after: String(Number(text) - 1), limit: 1 });
    if (found?.worker !== text) throw new Problem('not-found', `there is no worker ${text}`);
    return describeWorker(found);
  };
  routes.openapi(list, async (context) => {
    const read = async (part: Page) => await listWorkers(store, leaseMs, part);
    const { members, next } = await pageOf(context.req.valid('query'), read, (one) => one.worker);
    return context.json({ workers: members.map(describeWorker), next_cursor: next }, 200);
  });
  routes.openapi(read, async (context) => context.json(await find(context.req.valid('param').id), 200));
  routes.openapi(cordon, async (context) => {
    const { id: text } = context.req.valid('param');
    context.set('subject', `worker ${text}`);
    await store.cordon(workerId(text), { by: context.get('token').name, reason: context.req.valid('json').reason });
    return context.json(await find(text), 200);
  });
  routes.openapi(uncordon, async (context) => {
    const { id: text } = context.req.valid('param');
    context.set('subject', `worker ${text}`);
    await store.cordon(workerId(text), undefined);
    return context.json(await find(text), 200);
  });
  routes.openapi(remove, async (context) => {
    const { id: text } = context.req.valid('param');
    const isForced = context.req.valid('query').force === 'true';
    const { name } = await find(text);
    const outcome = await store.removeWorker(workerId(text), isForced ? undefined : leaseMs);
    if (outcome === 'unknown') throw new Problem('not-found', `there is no worker ${text}`);
    if (outcome !== 'removed') throw new Problem('worker-in-use', `worker ${name} ${STAYS[outcome]}`);
    context.set('subject', `worker ${text} (${name})`);
    return context.body(null, 204);
  });
  routes.openapi(registry, async (context) => {
    const { members, next } = await pageOf(
      { ...context.req.valid('query'), confinedTo: context.get('token').confinedTo },
      store.listRuntimes,
      (one) => one.ref,
    );
    const registered = members.map((one) => ({
      ref: one.ref,
      name: one.name,
      auto_detected: one.isAutoDetected,
      execution_config: one.executionConfig,
    }));
    return context.json({ runtimes: registered, next_cursor: next }, 200);
  });
  routes.openapi(runtimes, async (context) => {
    const offered = await listRuntimes(store, leaseMs);
    return context.json({ ...offered, schedule_timeout: settings.scheduleTimeoutSeconds }, 200);
  });
  return routes;
}

const STAYS: Readonly<Record<Exclude<WorkerRemoval, 'removed' | 'unknown'>, string>> = {
  alive: 'is alive: stop it first. With force (--force, ?force=true) it is removed all the same, and its process ends',
  own: 'is in the process of this server, and goes with it',
  busy: 'holds executions: cordon it and wait for their end, or cancel them. When it is gone, they are taken from it once its lease is over',
};
