import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { pageOf } from '#control-plane/api/page-of.ts';
import { id } from '#control-plane/api/parameters.ts';
import { prepareRequest } from '#control-plane/api/prepare-request.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import type { Parameters } from '#domain/action.ts';
import type { TokenHolder } from '#domain/admin-store.ts';
import { letsThrough } from '#domain/confinement.ts';
import type { ScheduleView } from '#domain/schedule.ts';
import { takeTurns } from '#domain/turns.ts';
import { flawsOfCron, nextTimes } from '#formats/cron.ts';
import { shownParameters, takeSecrets } from '#packs/secret-output.ts';
import { API_PATH } from '#wire/paths.ts';
import { type Schedule, schedule, scheduleList, scheduleRequest } from '#wire/schedules.ts';
import { pageCursor, pageLimit } from '#wire/values.ts';

const tags = ['schedules'];
const TIMES_SHOWN = 3;
/** The most schedules that the API makes. Schedules of packs do not count: the files of packs are bounded. */
const MOST_SCHEDULES = 1000;

const list = guarded('read', {
  method: 'get',
  path: '/schedules',
  operationId: 'listSchedules',
  tags,
  summary: 'When actions are requested again and again, page by page',
  request: { query: z.object({ cursor: pageCursor, limit: pageLimit }) },
  responses: { 200: json(scheduleList, 'one page') },
});

const read = guarded('read', {
  method: 'get',
  path: '/schedules/{id}',
  operationId: 'readSchedule',
  tags,
  summary: 'One schedule with its next times',
  request: { params: id },
  responses: { 200: json(schedule, 'as it is now') },
});

const create = guarded('admin', {
  method: 'post',
  path: '/schedules',
  operationId: 'createSchedule',
  tags,
  summary: 'Request an action again and again',
  request: { body: body(scheduleRequest) },
  responses: { 201: json(schedule, 'made') },
});

const pause = guarded('admin', {
  method: 'post',
  path: '/schedules/{id}/pause',
  operationId: 'pauseSchedule',
  tags,
  summary: 'Request nothing more by a schedule until it is resumed',
  request: { params: id },
  responses: { 200: json(schedule, 'paused') },
});

const resume = guarded('admin', {
  method: 'post',
  path: '/schedules/{id}/resume',
  operationId: 'resumeSchedule',
  tags,
  summary: 'Go on with a schedule at its next time; those in between do not come later',
  request: { params: id },
  responses: { 200: json(schedule, 'resumed') },
});

const remove = guarded('admin', {
  method: 'delete',
  path: '/schedules/{id}',
  operationId: 'deleteSchedule',
  tags,
  summary: 'Delete a schedule that was made by the API',
  request: { params: id },
  responses: { 204: { description: 'deleted' } },
});

type ScheduleDependencies = Pick<ApiDependencies, 'store' | 'packs' | 'settings' | 'clock'>;

export function scheduleRoutes(deps: ScheduleDependencies): OpenAPIHono<AppEnv> {
  const { store } = deps;
  const routes = createRoutes();
  const shown = async (which: string, { confinedTo }: TokenHolder): Promise<Schedule> => {
    const found = await store.findSchedule(which);
    if (!found || !letsThrough(confinedTo, found.actionRef)) throw noSchedule(which);
    return describeSchedule(found, deps.clock.now());
  };
  routes.openapi(list, async (context) => {
    const { members, next } = await pageOf(
      { ...context.req.valid('query'), confinedTo: context.get('token').confinedTo },
      store.listSchedules,
      (one) => one.id,
    );
    const now = deps.clock.now();
    return context.json({ schedules: members.map((one) => describeSchedule(one, now)), next_cursor: next }, 200);
  });
  routes.openapi(read, async (context) =>
    context.json(await shown(context.req.valid('param').id, context.get('token')), 200),
  );
  routes.openapi(create, async (context) => {
    const { action_ref: actionRef, time_zone: timeZone, paused: isPaused, ...given } = context.req.valid('json');
    const flaws = flawsOfCron({ cron: given.cron, timeZone });
    const sentence = flaws.map(({ path, message }) => `${path}: ${message}`).join('; ');
    if (sentence !== '') throw new Problem('invalid-request', sentence, { errors: [...flaws] });
    const { parameters } = given;
    await prepareRequest({ ...deps, turn: takeTurns() }, { action_ref: actionRef, parameters }, context.get('token'));
    await refuseSecrets(deps, actionRef, parameters);
    const added = await store.addSchedule({ ...given, actionRef, timeZone, isPaused }, MOST_SCHEDULES);
    if (!added.ok && added.error === 'full')
      throw new Problem('too-many-schedules', `the API has made ${MOST_SCHEDULES} schedules already: delete one first`);
    if (!added.ok)
      throw new Problem('schedule-exists', `${actionRef} has a schedule '${given.name}' already: give it another name`);
    const made = added.value;
    context.set('subject', `schedule ${made}`);
    context.header('location', `${API_PATH}/schedules/${made}`);
    return context.json(await shown(made, context.get('token')), 201);
  });
  for (const [route, isPaused] of [
    [pause, true],
    [resume, false],
  ] as const)
    routes.openapi(route, async (context) => {
      const { id: which } = context.req.valid('param');
      context.set('subject', `schedule ${which}`);
      if (!(await store.pauseSchedule(which, isPaused))) throw noSchedule(which);
      return context.json(await shown(which, context.get('token')), 200);
    });
  routes.openapi(remove, async (context) => {
    const { id: which } = context.req.valid('param');
    context.set('subject', `schedule ${which}`);
    if (!(await store.deleteSchedule(which))) await explainKept(deps, which);
    return context.body(null, 204);
  });
  return routes;
}

/** Throws a problem where secret parameters are given. Those that the action has by default are not the schedule's. */
async function refuseSecrets({ store }: Pick<ApiDependencies, 'store'>, actionRef: string, given: Parameters) {
  const { secrets } = takeSecrets(given, (await store.findAction(actionRef))?.parameterSchema);
  if (secrets.length === 0) return;
  const names = secrets.map(({ path }) => path).join(', ');
  throw new Problem(
    'invalid-parameters',
    `${actionRef}: ${names}: a schedule keeps no secret parameters: store them as keys`,
  );
}

/** Throws the reason why a schedule was not deleted; returns if somebody else has deleted it since. */
async function explainKept({ store }: Pick<ApiDependencies, 'store'>, which: string): Promise<never> {
  const found = await store.findSchedule(which);
  if (found?.packRef === undefined) throw noSchedule(which);
  throw new Problem(
    'schedule-of-pack',
    `schedule ${which} is in the file of ${found.actionRef}: pause it, or take it out of pack ${found.packRef}`,
  );
}

function noSchedule(which: string): Problem {
  return new Problem('not-found', `there is no schedule ${which}`);
}

function describeSchedule(view: ScheduleView, now: number): Schedule {
  const times = view.isPaused ? [] : nextTimes(view, now, TIMES_SHOWN);
  return {
    id: Number(view.id),
    action_ref: view.actionRef,
    name: view.name,
    pack_ref: view.packRef ?? null,
    cron: view.cron,
    time_zone: view.timeZone,
    parameters: shownParameters(view),
    missed: view.missed,
    paused: view.isPaused,
    next_times: times.map((time) => new Date(time).toISOString()),
    last_time: view.last ?? null,
    last_execution: view.lastExecution === undefined ? null : Number(view.lastExecution),
    problem: view.problem ?? null,
  };
}
