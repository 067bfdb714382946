/** A server below a path of a proxy, and called by pages of other origins. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { startBrowser } from '#test/support/browser.ts';
import { call } from '#test/support/call.ts';
import { standalone, withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('a server below a path answers with it and without, and what it names lies below; other origins are let in by name', async () => {
  using directory = temporaryDirectory();
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE__SERVER__BASE_PATH: '/tools/attune',
    ATTUNE__SERVER__CORS_ORIGINS: 'https://app.example.com',
  });
  const at = (path: string, init: RequestInit = {}) =>
    fetch(`${whole.url}${path}`, { redirect: 'manual', ...withToken(whole.token, init) });
  const body = JSON.stringify({ inline: { runtime: 'shell', code: 'echo below' } });
  const made = await at('/tools/attune/api/v1/executions?wait=45', { method: 'POST', body });
  const { id } = (await made.json()) as { id: number };
  const place = `/tools/attune/api/v1/executions/${id}`;
  expect([made.status, made.headers.get('location')]).toEqual([201, place]);
  expect(await (await at(place)).json()).toMatchObject({ id, status: 'completed' });
  expect((await at(`/api/v1/executions/${id}`)).status).toBe(200);
  expect((await at('/tools/attune/api/v1/health')).headers.get('location')).toBe('/tools/attune/healthz');
  expect(await (await at('/tools/attune/')).text()).toContain('<html');
  for (const [path, init] of [
    ['/tools/attune?a=1&b=%2F', {}],
    ['/tools/attune', { method: 'HEAD' }],
    ['/tools/attune', { headers: { host: 'proxy.example.com', 'x-forwarded-proto': 'https' } }],
  ] as const) {
    const answer = await at(path, init);
    const [, query = ''] = path.split('?');
    const slash = `/tools/attune/${query === '' ? '' : `?${query}`}`;
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 308, slash]);
    expect(answer.headers.get('x-request-id')).not.toBeNull();
  }
  expect(await (await at('/tools/attune/api/v1/openapi.json')).json()).toMatchObject({
    servers: [{ url: expect.stringContaining('/tools/attune') }],
  });
  expect((await at('/tools/attuned/api/v1/executions')).status).toBe(404);
  /* What a route does not have is refused without a token too, and on the way below a path. */
  for (const path of ['/healthz', '/readyz', '/api/v1/agent/info', '/tools/attune/api/v1/agent/bootstrap.sh'])
    expect([path, (await fetch(`${whole.url}${path}?nonsense=1`)).status]).toEqual([path, 400]);
  const refused = await fetch(`${whole.url}/api/v1/agent/binary?archh=x86_64`);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("did you mean 'arch'?")]);
  const client = call([agentFile, 'executions', '--format', 'json', '--api-url', `${whole.url}/tools/attune`], {
    env: { ATTUNE_API_TOKEN: whole.token ?? '', HOME: directory.path },
  });
  expect([client.exitCode, client.stdout]).toEqual([0, expect.stringContaining('"completed"')]);

  const from = (origin: string, path: string, init: RequestInit = {}) => at(path, { ...init, headers: { origin } });
  const allowed = async (origin: string, path: string, init?: RequestInit) =>
    (await from(origin, path, init)).headers.get('access-control-allow-origin');
  const app = 'https://app.example.com';
  const preflight = await at('/api/v1/executions', {
    method: 'OPTIONS',
    headers: {
      origin: app,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, app]);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  for (const path of ['/api/v1/executions', '/api/v1/executions/99999', '/api/v1/none'])
    expect([path, await allowed(app, path)]).toEqual([path, app]);
  for (const origin of [
    'https://evil.example.com',
    'http://app.example.com',
    'https://app.example.com.evil.org',
    'null',
  ])
    expect([origin, await allowed(origin, '/api/v1/executions')]).toEqual([origin, null]);
  expect(await allowed(app, '/metrics')).toBeNull();
  const read = (await from(app, '/api/v1/executions')).headers.get('access-control-expose-headers')?.split(',') ?? [];
  for (const header of ['x-request-id', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'])
    expect(read.map((one) => one.trim())).toContain(header);
  for (const header of ['x-request-id', 'traceparent'])
    expect(preflight.headers.get('access-control-allow-headers')?.split(',')).toContain(header);
});

test('in a browser the page below a path is whole, with and without the slash at its end, and so is the reference', async () => {
  using directory = temporaryDirectory();
  const env = { ATTUNE__SERVER__BASE_PATH: '/tools/attune' };
  await using whole = await standalone(join(directory.path, 'data'), env);
  /* A proxy that takes the path away, as StripPrefix of Traefik does, asks for / without its slash and with it. */
  using proxy = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      if (!/^\/tools\/attune(\/|$)/.test(pathname)) return new Response(null, { status: 404 });
      const path = pathname.slice('/tools/attune'.length) || '/';
      const { status, headers, body } = await fetch(`${whole.url}${path}${search}`, {
        headers: request.headers,
        redirect: 'manual',
      });
      return new Response(body, { status, headers: { 'content-type': headers.get('content-type') ?? '' } });
    },
  });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    const failed: string[] = [];
    page.on('response', (one) => one.status() >= 400 && failed.push(`${one.status()} ${one.url()}`));
    await page.goto(`${whole.url}/tools/attune#token=${whole.token}`);
    await page.getByRole('heading', { name: 'Executions' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/tools/attune/');
    await page.goto(`${whole.url}/tools/attune/#/workers`);
    await page.getByText('slots in use').first().waitFor();
    await page.getByRole('link', { name: 'API' }).click();
    await page.getByText('Request an execution of an action, or of code').first().waitFor();
    for (const slash of ['', '/']) {
      await page.goto(`http://127.0.0.1:${proxy.port}/tools/attune${slash}#token=${whole.token}`);
      await page.getByRole('heading', { name: 'Executions' }).waitFor();
      await page.getByRole('link', { name: 'Workers' }).click();
      await page.getByText('slots in use').first().waitFor();
    }
    expect(failed).toEqual([]);
  } finally {
    await browser.close();
  }
}, 240_000);
