import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { contentRange, readRange } from '#control-plane/api/byte-range.ts';
import type { RouteDependencies } from '#control-plane/api/dependencies.ts';
import { describeExecution } from '#control-plane/api/describe-views.ts';
import { EVENT_STREAM_HEADERS } from '#control-plane/api/event-stream.ts';
import { ENDS_A_TURN, followLogs, readPosition, START } from '#control-plane/api/follow-logs.ts';
import { readLogBytes } from '#control-plane/api/log-bytes.ts';
import { createLogPoller } from '#control-plane/api/log-poller.ts';
import { id } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, eventsOf, guarded } from '#control-plane/api/route.ts';
import { findSeen } from '#control-plane/api/seen.ts';
import { STREAM_NAMES } from '#domain/execution.ts';
import { executionId } from '#domain/ids.ts';
import { shareTurns } from '#domain/turns.ts';
import { type Execution, execution } from '#wire/executions.ts';
import { logEvent, statusEvent } from '#wire/log-events.ts';

const follow = guarded('read', {
  method: 'get',
  path: '/executions/{id}/logs/stream',
  operationId: 'followLog',
  tags: ['logs'],
  summary: 'Server-sent events: the log from its start, or from behind Last-Event-ID, until the execution has ended',
  request: {
    params: id,
    headers: z.object({
      'last-event-id': z.string().max(40).optional().meta({ pattern: '^[0-9]{1,9}\\.[0-9]{1,9}$', example: '1.12' }),
    }),
    query: z.object({
      follow: z.enum(['true', 'false']).default('true').meta({ description: 'false: what there is now' }),
    }),
  },
  responses: {
    200: {
      description: 'events `log` (data in base64), `status` and `end`',
      content: { 'text/event-stream': { schema: eventsOf({ log: logEvent, status: statusEvent, end: execution }) } },
    },
  },
});

const place = id.extend({
  stream: z.enum(STREAM_NAMES).meta({ param: { name: 'stream', in: 'path' } }),
});

const read = guarded('read', {
  method: 'get',
  path: '/executions/{id}/logs/{stream}',
  operationId: 'readLog',
  tags: ['logs'],
  summary: 'Bytes of one stream, of the last attempt or of any, as they were written',
  request: {
    params: place,
    headers: z.object({ range: z.string().max(100).optional() }),
    query: z.object({
      attempt: z.coerce.number().int().min(0).max(1_000_000_000).optional(),
      offset: z.coerce.number().int().min(0).max(1e15).optional(),
      limit: z.coerce.number().int().min(1).max(1e15).optional(),
    }),
  },
  responses: {
    200: { description: 'all that is there now, from `offset` on', content: { 'application/octet-stream': {} } },
    206: { description: 'the range asked for by `Range`', content: { 'application/octet-stream': {} } },
  },
});

export function logRoutes({
  store,
  clock,
  streams,
  watch,
}: Pick<RouteDependencies, 'store' | 'clock' | 'streams' | 'watch'>): OpenAPIHono<AppEnv> {
  const pollLogs = createLogPoller({ store, clock });
  const mayEnd = shareTurns(ENDS_A_TURN);
  const routes = createRoutes();
  routes.openapi(follow, async (context) => {
    const execution = executionId(context.req.valid('param').id);
    const caller = context.get('token');
    const readView = async (): Promise<Execution | null> => {
      const view = await store.readExecution(execution);
      return view ? describeExecution(view, caller) : null;
    };
    await findSeen(store, execution, caller);
    const last = context.req.valid('header')['last-event-id'] ?? '';
    const after = last === '' ? START : readPosition(last);
    if (!after) throw new Problem('invalid-request', `Last-Event-ID '${last}' is none of this log`);
    const isLasting = context.req.valid('query').follow === 'true';
    const events = streams.open({ hash: context.get('tokenHash'), stop: context.req.raw.signal }, (stop) =>
      followLogs({ pollLogs, clock, watch, mayEnd }, { execution, after, isLasting, stop, end: readView }),
    );
    return new Response(events, {
      headers: EVENT_STREAM_HEADERS,
    });
  });
  routes.openapi(read, async (context) => {
    const { id: text, stream } = context.req.valid('param');
    const { attempt: wanted, offset = 0, limit } = context.req.valid('query');
    const execution = executionId(text);
    const view = await findSeen(store, execution, context.get('token'));
    const attempt = wanted ?? view.attempt;
    const sizes = await store.measureLogs(execution);
    const size = sizes.find((one) => one.attempt === attempt && one.stream === stream)?.bytes ?? 0;
    const range = readRange(context.req.valid('header').range, size);
    const from = Math.min(offset, size);
    const { to, ...begin } = range ?? { from, to: limit === undefined ? size : Math.min(size, from + limit) };
    const bytes = readLogBytes(store, execution, { attempt, stream, ...begin, to });
    return new Response(context.get('whileValid')(bytes), {
      status: range ? 206 : 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(to - begin.from),
        'accept-ranges': 'bytes',
        'cache-control': 'no-store',
        'x-attune-attempt': String(attempt),
        'x-attune-size': String(size),
        ...(range ? { 'content-range': contentRange(range, size) } : {}),
      },
    });
  });
  return routes;
}
