import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { auditRequests } from '#control-plane/api/audit.ts';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** A server with one route, whose audit log can be away. */
function openServer() {
  const clock = createFakeClock(1000);
  const saved: (readonly string[])[] = [];
  const logged: string[] = [];
  const subjects: string[] = [];
  const state = { isAway: false, status: 201 as 201 | 403, subject: '' };
  const sizes: number[] = [];
  const app = new Hono<AppEnv>();
  app.use(async (context, next) => {
    const id = context.req.header('x-id') ?? '7';
    context.set('token', { id, name: 'ci', scopes: ['admin'] });
    await next();
  });
  app.use(
    auditRequests('/api/v1', {
      clock,
      logger: loggerOf((event) => logged.push(event)),
      store: {
        saveAudit: async (entries) => {
          if (state.isAway) throw new Error('no database');
          saved.push(entries.map(({ actor, action, status }) => `${actor} ${action} ${status}`));
          sizes.push(...entries.map((entry) => JSON.stringify(entry).length));
          subjects.push(...entries.map(({ subject }) => subject));
        },
      },
    }),
  );
  app.all('*', (context) => {
    context.set('subject', state.subject);
    return context.text('said', state.status);
  });
  const request = async (path: string, method = 'POST', id = '7'): Promise<void> => {
    await app.request(path, { method, headers: { 'x-id': id } }, { address: '10.0.0.1' });
  };
  return { request, clock, saved, logged, state, sizes, subjects };
}

test('requests that change something are recorded, those within 50 ms together; reads and worker calls are not', async () => {
  const { request, clock, saved } = openServer();
  await request('/api/v1/executions');
  await request('/api/v1/executions', 'GET');
  await request('/api/v1/worker/heartbeat');
  await clock.advance(49);
  await request('/api/v1/keys/x', 'DELETE');
  expect(saved).toEqual([]);
  await clock.advance(1);
  expect(saved).toEqual([['ci POST /executions 201', 'ci DELETE /keys/x 201']]);
});

test('entries wait for a database that is away, in order, 10,000 at most besides the batch under way; what is lost is said', async () => {
  const { request, clock, saved, logged, state } = openServer();
  state.isAway = true;
  await request('/api/v1/first');
  await clock.advance(50);
  expect(logged).toEqual(['audit entries wait']);
  for (let n = 0; n < 10_001; n++) await request(`/api/v1/${n}`);
  expect(logged).toEqual(['audit entries wait', 'audit entry lost']);
  state.isAway = false;
  await clock.advance(1000);
  expect(saved).toEqual([['ci POST /first 201']]);
  await clock.advance(10 * 50);
  expect(saved.slice(1).flat()).toEqual(Array.from({ length: 10_000 }, (_, n) => `ci POST /${n} 201`));
});

test('no entry is large, whatever a caller asks for', async () => {
  const { request, clock, state, sizes } = openServer();
  state.subject = 'y'.repeat(10_000);
  await request(`/api/v1/${'x'.repeat(10_000)}`);
  await clock.advance(50);
  expect(sizes).toHaveLength(1);
  expect(sizes[0]).toBeLessThan(1000);
});

test('refused requests of a token have 20 entries in a minute, and one more with the number of the others', async () => {
  const { request, clock, state, saved, subjects } = openServer();
  state.status = 403;
  for (let n = 1; n <= 1000; n++) await request(`/api/v1/${n}`);
  await request('/api/v1/other', 'POST', '8');
  state.status = 201;
  await request('/api/v1/fine');
  await clock.advance(50);
  const first = Array.from({ length: 20 }, (_, n) => `ci POST /${n + 1} 403`);
  expect(saved.flat()).toEqual([...first, 'ci POST /other 403', 'ci POST /fine 201']);
  await clock.advance(60_100);
  expect(saved.flat().slice(22)).toEqual(['ci POST /1000 403']);
  expect(subjects.at(-1)).toBe('the last of 980 more requests that were refused');
  state.status = 403;
  await request('/api/v1/later');
  await clock.advance(60_100);
  expect(saved.flat().slice(23)).toEqual(['ci POST /later 403']);
});
