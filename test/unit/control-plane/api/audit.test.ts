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
  const state = { isAway: false };
  const app = new Hono<AppEnv>();
  app.use(async (context, next) => {
    context.set('token', { id: '7', name: 'ci', scopes: ['admin'] });
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
        },
      },
    }),
  );
  app.all('*', (context) => context.text('fine', 201));
  const request = async (path: string, method = 'POST'): Promise<void> => {
    await app.request(path, { method }, { address: '10.0.0.1' });
  };
  return { request, clock, saved, logged, state };
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
