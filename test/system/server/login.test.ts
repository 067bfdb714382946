/** People log in to the static file with a real provider of OpenID Connect, by requests and in a browser. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { startBrowser } from '#test/support/browser.ts';
import { freePort } from '#test/support/free-port.ts';
import { startProvider, type TestProvider } from '#test/support/oidc-provider.ts';
import { type Standalone, standalone, withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { violationsOf } from '#test/support/violations.ts';

const directory = temporaryDirectory();
const port = freePort();
const url = `http://127.0.0.1:${port}`;
let provider: TestProvider;
let whole: Standalone;

beforeAll(async () => {
  provider = await startProvider(url);
  const env = {
    ATTUNE__OIDC__ISSUER: provider.issuer,
    ATTUNE__OIDC__CLIENT_ID: provider.clientId,
    ATTUNE__OIDC__CLIENT_SECRET: provider.clientSecret,
    ATTUNE__OIDC__GRANTS: 'ops=admin,devs=read submit pack:sample',
  };
  const wrap = (args: readonly string[]) => [agentFile, ...args, '--port', String(port)];
  whole = await standalone(join(directory.path, 'data'), env, { wrap });
}, 120_000);

afterAll(async () => {
  await whole?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

/** A browser without a page: it keeps cookies, and follows redirections up to one that `stops` takes. */
function browser() {
  const cookies = new Map<string, string>();
  const get = async (address: string): Promise<Response> => {
    const { host } = new URL(address);
    const mine = [...cookies].filter(([key]) => key.startsWith(`${host} `));
    const cookie = mine.map(([key, value]) => `${key.slice(host.length + 1)}=${value}`).join('; ');
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const one of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      if (value === '') cookies.delete(`${host} ${name}`);
      else cookies.set(`${host} ${name}`, value);
    }
    return answer;
  };
  const follow = async (from: string, stops: (address: string) => boolean): Promise<string | Response> => {
    let address = from;
    for (let n = 0; n < 20; n++) {
      const answer = await get(address);
      const next = answer.headers.get('location');
      if (next === null) return answer;
      address = new URL(next, address).href;
      if (stops(address)) return address;
    }
    throw new Error('more than 20 redirections');
  };
  return { get, follow, cookies };
}

const isSession = (address: string) => address.includes('#session=');
const isCallback = (address: string) => address.includes('/auth/callback?');

async function logIn(): Promise<string> {
  const end = await browser().follow(`${url}/auth/login`, isSession);
  if (typeof end !== 'string') throw new Error(`not logged in: ${end.status} ${await end.text()}`);
  return end.slice(end.indexOf('=') + 1);
}

const asked = async (path: string, token: string, init?: RequestInit) =>
  await fetch(`${url}/api/v1/${path}`, withToken(token, init));

test('whoever the provider knows gets a token with what his groups give, the first grant first, until he logs out', async () => {
  provider.become({ subject: 'u1', claims: { preferred_username: 'ada@example.com', groups: ['devs', 'others'] } });
  const token = await logIn();
  expect(await (await asked('token', token)).json()).toMatchObject({
    name: expect.stringMatching(/^ada@example\.com [0-9a-f]{6}$/),
    scopes: ['submit', 'read'],
    packs: ['sample'],
  });
  expect((await asked('tokens', token)).status).toBe(403);
  const { entries } = (await (await whole.api('audit?limit=50')).json()) as { entries: { action: string }[] };
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'login', subject: expect.stringMatching(/\(submit,read of sample\) for u1$/) }),
  );
  const left = (await (await asked('token', token, { method: 'DELETE' })).json()) as { end_session_url: string };
  expect(left.end_session_url).toStartWith(`${provider.issuer}/session/end?`);
  expect((await asked('token', token)).status).toBe(401);
  provider.become({ subject: 'u2', claims: { preferred_username: 'root<b>', groups: ['devs', 'ops'] } });
  expect(await (await asked('token', await logIn())).json()).toMatchObject({ scopes: ['admin'] });
});

test('somebody without a group that may log in gets no token, and is told why', async () => {
  provider.become({ subject: 'u3', claims: { preferred_username: '<script>x', groups: ['guests'] } });
  const end = await browser().follow(`${url}/auth/login`, isSession);
  if (typeof end === 'string') throw new Error('he was logged in');
  expect(end.status).toBe(403);
  const page = await end.text();
  expect(page).toContain('may log in here');
  expect(page).not.toContain('<script>');
});

test('a login is finished once, by the browser that has begun it, with what the provider has said to it', async () => {
  provider.become({ subject: 'u1', claims: { preferred_username: 'ada@example.com', groups: ['ops'] } });
  const [mine, other] = [browser(), browser()];
  const back = await mine.follow(`${url}/auth/login`, isCallback);
  if (typeof back !== 'string') throw new Error('the provider has not sent it back');
  expect((await other.get(back)).status).toBe(403);
  await other.follow(`${url}/auth/login`, isCallback);
  expect((await other.get(back)).status).toBe(403);
  const forged = new URL(back);
  forged.searchParams.set('state', 'forged');
  const copy = new Map(mine.cookies);
  expect((await mine.get(forged.href)).status).toBe(403);
  for (const [key, value] of copy) mine.cookies.set(key, value);
  const session = await mine.get(back);
  expect([session.status, isSession(session.headers.get('location') ?? '')]).toEqual([302, true]);
  expect((await mine.get(back)).status).toBe(403);
});

test('an ID token that the provider has not signed logs nobody in, whoever has brought it', async () => {
  provider.become({ subject: 'u4', claims: { preferred_username: 'mallory', groups: ['guests'] } });
  provider.forge((idToken) => {
    const [header, payload = '', signature] = idToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...claims, groups: ['ops'] })).toString('base64url');
    return `${header}.${changed}.${signature}`;
  });
  try {
    const end = await browser().follow(`${url}/auth/login`, isSession);
    if (typeof end === 'string') throw new Error('she was logged in');
    expect([end.status, await end.text()]).toEqual([403, expect.stringContaining('signature')]);
  } finally {
    provider.forge(undefined);
  }
});

test('nobody fills the database by logging in again and again, and another one still logs in', async () => {
  const log = async (): Promise<number> => {
    const { entries } = (await (await whole.api('audit?limit=200')).json()) as { entries: { subject: string }[] };
    return entries.filter(({ subject }) => subject.includes('u9')).length;
  };
  provider.become({ subject: 'u9', claims: { preferred_username: 'often', groups: ['guests'] } });
  for (let n = 0; n < 25; n++) {
    const end = await browser().follow(`${url}/auth/login`, isSession);
    expect(typeof end === 'string' ? end : end.status).toBe(403);
  }
  expect(await log()).toBe(20);
  provider.become({ subject: 'u10', claims: { preferred_username: 'seldom', groups: ['ops'] } });
  expect(await logIn()).toStartWith('att_');
});

test('in a browser the page offers the provider, shows what the session may see, and ends both sessions', async () => {
  const chromium = await startBrowser();
  try {
    const guest = await chromium.newPage();
    provider.become({ subject: 'u3', claims: { preferred_username: 'grace', groups: ['guests'] } });
    await guest.goto(`${url}/auth/login`);
    await guest.getByText('may log in here').waitFor({ timeout: 90_000 });
    expect(await violationsOf(guest)).toEqual([]);
    const page = await chromium.newPage();
    page.setDefaultTimeout(90_000);
    provider.become({ subject: 'u1', claims: { preferred_username: 'ada@example.com', groups: ['ops'] } });
    await page.goto(url);
    await page.getByRole('link', { name: 'Log in with your organisation' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'Log in with your organisation' }).click();
    await page.getByRole('heading', { name: 'Executions' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/executions');
    await page.getByRole('link', { name: 'Tokens' }).click();
    await page
      .getByRole('cell', { name: /^ada@example\.com [0-9a-f]{6}$/ })
      .first()
      .waitFor();
    const token = await page.evaluate<string>('localStorage.getItem("attune-token")');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`${provider.issuer}/session/end**`);
    expect((await asked('token', token)).status).toBe(401);
  } finally {
    await chromium.close();
  }
}, 180_000);
