/** The page in a real Chromium, served by a server on PostgreSQL and RabbitMQ: what an operator asks it. */
import { afterAll, beforeAll, expect } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { callAgent } from '#test/support/agent.ts';
import { isTrueOf, startBrowser } from '#test/support/browser.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { violationsOf } from '#test/support/violations.ts';

let cluster: Cluster;
let browser: Browser;
const outside = temporaryDirectory();
const gate = outside.path;

const TIMEOUT_MS = 90_000;
const withKey = {
  ATTUNE__SECURITY__ENCRYPTION_KEY: 'a passphrase of the test alone',
  ATTUNE__WEBHOOKS__ALLOW_NETWORKS: '127.0.0.0/8',
};

beforeAll(async () => {
  cluster = await startCluster({
    actions: {
      good: { script: 'echo fine' },
      infinite: { script: `echo '{"x": 1e400}'`, yaml: 'output_format: json\n' },
      bad: { script: 'echo "it broke" >&2; exit 3', yaml: 'max_retries: 1\n' },
      secretive: {
        script: `echo "length $(sed 's/.*"password" *: *"\\([^"]*\\)".*/\\1/' | tr -d '\\n' | wc -c)"`,
        yaml: 'parameters: { password: { type: string, secret: true, required: true } }\n',
      },
      again: {
        script: `while [ ! -e ${gate}/broken ]; do sleep 0.1; done; exit 3`,
        yaml: 'max_retries: 1\n',
      },
      lasting: { script: 'sleep 600', yaml: 'worker_selector: { zone: c }\n' },
      picky: { script: 'true', yaml: 'worker_selector: { zone: b }\n' },
    },
  });
  cluster.startServer(withKey);
  await cluster.answers();
  cluster.startWorker('w-page', withKey);
  browser = await startBrowser();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await cluster[Symbol.asyncDispose]();
  outside[Symbol.dispose]();
}, 60_000);

async function open(hash: string): Promise<AsyncDisposable & { readonly page: Page; readonly problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${cluster.url}/#token=${cluster.token}`);
  await page.getByRole('heading', { name: 'Executions' }).waitFor();
  await page.goto(`${cluster.url}/${hash}`);
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

test('the list says what happened in the last hour, and fifty rows cost little each time they are asked for', async () => {
  const ids = await Promise.all(Array.from({ length: 51 }, (_, n) => cluster.submit(n % 10 === 0 ? 'bad' : 'good')));
  for (const [n, id] of ids.entries()) await cluster.reaches(id, n % 10 === 0 ? 'failed' : 'completed');
  await using tab = await open('#/workers');
  const { page } = tab;
  const sizes: number[] = [];
  page.on('response', async (response) => {
    if (!response.url().includes('/executions?') || response.status() !== 200) return;
    sizes.push((await response.request().sizes()).responseBodySize);
  });
  await page.goto(`${cluster.url}/#/executions`);
  await page.locator('.dense tbody tr').nth(49).waitFor();
  await page.locator('.trend', { hasText: 'Ended, last hour' }).locator('rect.good').first().waitFor();
  await page.locator('.trend', { hasText: /^Failed 6/ }).waitFor();
  await page.locator('.trend', { hasText: /Slots in use 0 of \d+/ }).waitFor();
  await until('the list has come', () => sizes.length > 0);
  expect(Math.max(...sizes)).toBeLessThan(15_000);
  const rows = page.locator('.dense tbody tr');
  const bottoms = await rows.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom));
  expect(bottoms.filter((one) => one <= 900).length).toBeGreaterThanOrEqual(24);
  expect(await violationsOf(page)).toEqual([]);
  const first = page.locator(`.dense tbody a[href$="/executions/${Math.min(...ids)}"]`).first();
  expect(await first.count()).toBe(0);
  await page.getByRole('button', { name: 'Older' }).click();
  await first.waitFor();
  await page.waitForURL(/before=/);
  expect(await rows.count()).toBeLessThan(50);
  await page.getByRole('button', { name: 'Newest' }).click();
  await first.waitFor({ state: 'detached' });
  await rows.nth(49).waitFor();
  /* Another order is that of all that there are, and not of the page that was shown. */
  await page.getByRole('button', { name: 'Id', exact: true }).click();
  await page.getByText(/^1 to 50 of all 5\d, sorted$/).waitFor();
  expect(await rows.locator('td.id').first().textContent()).toBe(String(Math.min(...ids)));
  await page.getByRole('button', { name: 'Next 50' }).click();
  await page.getByText(/^51 to 5\d of all 5\d, sorted$/).waitFor();
  await page.getByRole('button', { name: 'Status', exact: true }).click();
  await page.getByText(/^1 to 50 of/).waitFor();
  await until('all that have failed come first', async () => {
    const said = await rows.locator('.status-of').allTextContents();
    return said.slice(0, 6).every((one) => one.includes('failed')) && (await first.count()) === 1;
  });
  expect(await violationsOf(page)).toEqual([]);
  expect(tab.problems).toEqual([]);
});

test('one execution shows each attempt with the time that every step took', async () => {
  const id = await cluster.submit('bad');
  await cluster.reaches(id, 'failed');
  await using tab = await open(`#/executions/${id}`);
  const { page } = tab;
  const timeline = page.getByRole('region', { name: 'Timeline' });
  /* A worker that has just come may be given it anew before it has claimed it, which is an attempt too. */
  await timeline
    .getByText(/^Attempt \d+$/)
    .nth(1)
    .waitFor();
  for (const step of ['waited', 'scheduled', 'prepared', 'ran', 'stored'])
    for (const attempt of [timeline.locator('.attempt').first(), timeline.locator('.attempt').last()])
      await attempt.locator(`li.step-${step} strong`).waitFor();
  const env = { ATTUNE_API_URL: cluster.url, ATTUNE_API_TOKEN: cluster.token };
  const told = callAgent(['executions', String(id), '-o', 'wide'], { env }).stdout;
  const steps = 'waited .* s, scheduled .* s, prepared .* s, ran .* s, stored .* s, on w-page';
  expect(told).toMatch(new RegExp(`Timeline \\d+ +${steps}: exit code 3`));
  expect(told).toMatch(new RegExp(`Timeline \\d+ +${steps}$`, 'm'));
  await timeline.locator('.attempt').first().locator('.problem', { hasText: 'exit code 3' }).waitFor();
  await timeline.getByRole('link', { name: 'w-page' }).first().click();
  await page.getByRole('heading', { name: 'Worker w-page' }).waitFor();
  await page
    .getByRole('region', { name: 'History' })
    .getByRole('link', { name: String(id), exact: true })
    .waitFor();
  await isTrueOf(page, 'document.title === "Worker w-page – Attune"');
  expect(await violationsOf(page)).toEqual([]);
  expect(tab.problems).toEqual([]);
});

test('a number that a result cannot keep is said on the page and by the command line, beside what was printed', async () => {
  const id = await cluster.submit('infinite');
  await cluster.reaches(id, 'completed');
  await using tab = await open(`#/executions/${id}`);
  const said = tab.page.getByRole('region', { name: 'Error' });
  await said.getByText('the number 1e400').waitFor();
  await tab.page.locator('.line', { hasText: '{"x": 1e400}' }).first().waitFor();
  expect(await violationsOf(tab.page)).toEqual([]);
  expect(tab.problems).toEqual([]);
  const env = { ATTUNE_API_URL: cluster.url, ATTUNE_API_TOKEN: cluster.token };
  expect(callAgent(['executions', String(id)], { env }).stdout).toContain('the number 1e400');
});

test('what an execution has requested is a tree, which opens to what that has requested', async () => {
  const ids = [await cluster.submit('good'), await cluster.submit('good'), await cluster.submit('good')];
  const [first = 0, second = 0, third = 0] = ids;
  for (const id of ids) await cluster.reaches(id, 'completed');
  await cluster.sql`UPDATE execution SET requested_by = ${`execution ${first}`} WHERE id = ${second}`;
  await cluster.sql`UPDATE execution SET requested_by = ${`execution ${second}`} WHERE id = ${third}`;
  await using tab = await open(`#/executions/${first}`);
  const { page } = tab;
  const tree = page.getByRole('region', { name: 'Requested by this execution' });
  await tree.getByRole('link', { name: `${second} life.good` }).waitFor();
  await tree.getByRole('button', { name: `What execution ${second} has requested` }).click();
  await tree.getByRole('link', { name: `${third} life.good` }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await tree.getByRole('link', { name: `${third} life.good` }).click();
  await page.getByRole('heading', { name: `Execution ${third}` }).waitFor();
  expect(tab.problems).toEqual([]);
});

test('what waits says at once which worker misses what, and the form says so before', async () => {
  await using tab = await open('#/submit/life.picky');
  const { page } = tab;
  const missing = 'has no label zone, not zone=b';
  await page.locator('.warning li', { hasText: missing }).waitFor();
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.getByRole('region', { name: 'Why it waits' }).locator('li', { hasText: missing }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('output.cancelled').waitFor();
  expect(tab.problems).toEqual([]);
});

test('what waits for another attempt says why, as what waits for its first', async () => {
  const id = await cluster.submit('again');
  const { worker } = await cluster.reaches(id, 'running');
  const cordon = (verb: 'cordon' | 'uncordon', body: object) =>
    cluster.api(`workers/${worker}/${verb}`, { method: 'POST', body: JSON.stringify(body) });
  await using tab = await open(`#/executions/${id}`);
  const why = tab.page.getByRole('region', { name: 'Why it waits' });
  await tab.page.locator('output.running').waitFor();
  expect(await why.count()).toBe(0);
  expect((await cordon('cordon', { reason: 'by the test' })).ok).toBe(true);
  outside.file('broken', '');
  await why.locator('li', { hasText: 'is cordoned' }).waitFor();
  expect((await cordon('uncordon', {})).ok).toBe(true);
  await cluster.reaches(id, 'failed');
  await tab.page.locator('output.failed').waitFor();
  expect(await why.count()).toBe(0);
  expect(tab.problems).toEqual([]);
});

test('a token is made, used, seen as used and revoked', async () => {
  await using tab = await open('#/tokens');
  const { page } = tab;
  await page.getByRole('button', { name: 'Make a token' }).waitFor();
  await page.getByLabel('Name').fill('page-reader');
  await page.getByRole('checkbox', { name: /^read/ }).check();
  await page.getByLabel('Expires').selectOption('30 days');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const secret = (await page.locator('.made code').textContent()) ?? '';
  const ask = async (): Promise<number> =>
    (await fetch(`${cluster.url}/api/v1/executions`, { headers: { authorization: `Bearer ${secret}` } })).status;
  expect(await ask()).toBe(200);
  const row = page.locator('tr', { hasText: 'page-reader' });
  await row.filter({ hasText: / ago/ }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByLabel('Name').fill('page-confined');
  await page.getByRole('checkbox', { name: /^read/ }).check();
  await page.getByLabel('Only these packs').fill('life');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.locator('tr', { hasText: 'page-confined' }).filter({ hasText: 'only life' }).waitFor();
  await row.getByRole('button', { name: 'Revoke page-reader' }).click();
  await row.getByRole('button', { name: 'Revoke page-reader for good' }).click();
  await page.locator('summary', { hasText: 'Revoked and expired' }).waitFor();
  expect(await ask()).toBe(401);
  expect(tab.problems).toEqual([]);
});

test('a secret is chosen from the keys that are stored, or written for one execution', async () => {
  const body = JSON.stringify({ name: 'password', owner_type: 'pack', owner: 'life', value: 'kept' });
  expect((await cluster.api('keys', { method: 'POST', body })).status).toBe(201);
  await using tab = await open('#/submit/life.secretive');
  const { page } = tab;
  await page.getByRole('option', { name: 'the key password, which is stored' }).waitFor({ state: 'attached' });
  expect(await violationsOf(page)).toEqual([]);
  const lengthOf = async (): Promise<string> => {
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.waitForURL(/#\/executions\/\d+/);
    const id = Number(/\d+$/.exec(page.url())?.[0]);
    const { result } = await cluster.reaches(id, 'completed');
    return JSON.stringify(result);
  };
  expect(await lengthOf()).toContain('length 4');
  await page.goto(`${cluster.url}/#/submit/life.secretive`);
  await page.locator('select#field-password').selectOption('another value');
  await page.locator('textarea#field-password').fill('another one');
  expect(await lengthOf()).toContain('length 11');
  await page.getByText('Commands are copied without what is hidden: password').waitFor();
  await page.getByRole('link', { name: 'Run again with other parameters' }).click();
  await page.getByText('Not taken over, since it is hidden: password').waitFor();
  await page.locator('select#field-password').waitFor();
  expect(await page.locator('textarea#field-password').count()).toBe(0);
  expect(await lengthOf()).toContain('length 4');
  await page.goto(`${cluster.url}/#/submit/life.secretive`);
  const other = JSON.stringify({ name: 'elsewhere', value: 'of the system' });
  expect((await cluster.api('keys', { method: 'POST', body: other })).status).toBe(201);
  await page.reload();
  await page.locator('select#field-password').selectOption('the key system.elsewhere');
  await page.getByRole('button', { name: 'Write as JSON' }).click();
  await page.getByText('password gets the value of the key system.elsewhere').waitFor();
  await page.getByRole('button', { name: 'Write in fields' }).click();
  expect(await violationsOf(page)).toEqual([]);
  expect(await lengthOf()).toContain('length 13');
  /* Without a key of its name, a key is chosen by a button. */
  expect((await cluster.api('keys/pack.life.password', { method: 'DELETE' })).status).toBe(204);
  await page.goto(`${cluster.url}/#/submit/life.secretive`);
  await page.getByRole('button', { name: 'Choose a key for password' }).click();
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('password: choose a key').first().waitFor();
  await page.locator('select#field-password').selectOption('the key system.elsewhere');
  expect(await lengthOf()).toContain('length 13');
  expect(tab.problems).toEqual([]);
});

test('a webhook is made, tried, paused and deleted on the page, which shows what has become of its messages', async () => {
  let isThere = false;
  using outside = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response(null, { status: isThere ? 204 : 503 }),
  });
  await using tab = await open('#/webhooks');
  const { page } = tab;
  await page.getByText('There are none.').waitFor();
  await page.getByLabel('Address').fill(`http://127.0.0.1:${outside.port}/hook?key=1`);
  await page.getByLabel('Only of this pack').fill('life');
  await page.getByRole('checkbox', { name: 'failed' }).check();
  await page.getByRole('button', { name: 'Make a webhook' }).click();
  const secret = await page.locator('.made code').textContent();
  expect(secret).toStartWith('whsec_');
  const row = page.locator('tr', { hasText: '/hook?***' });
  await row.filter({ hasText: 'failed of life' }).locator('output.active').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  const id = await cluster.submit('bad');
  await cluster.reaches(id, 'failed');
  await row.locator('output.failing').waitFor();
  await row.getByText('answered 503').waitFor();
  await row.getByRole('link').first().click();
  const messages = page.getByRole('region', { name: 'Messages', exact: true });
  const message = messages.locator('tr', { has: page.getByRole('link', { name: String(id), exact: true }) });
  await message.filter({ hasText: '503' }).locator('output.waiting').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await page.getByText('The message was not taken: answered 503.').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('output.paused').waitFor();
  isThere = true;
  await page.getByRole('button', { name: 'Resume' }).click();
  await message.filter({ hasText: '204' }).locator('output.delivered').waitFor();
  await page.locator('output.active').waitFor();
  await page.getByRole('button', { name: 'Make a new secret' }).click();
  await page.getByRole('button', { name: /^Make a new secret for webhook \d+ for good/ }).click();
  expect(await page.locator('.made code').textContent()).not.toBe(secret);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: /^Delete webhook \d+ for good/ }).click();
  await page.getByText('There are none.').waitFor();
  expect(tab.problems).toEqual([]);
});

test('a worker that was told to stop is shown as draining, and what is left on it is said, as of one that is cordoned', async () => {
  const env = { ...withKey, ATTUNE__WORKER__LABELS: 'zone=c', ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '600' };
  await using worker = cluster.startWorker('w-leaves', env);
  const id = await cluster.submit('lasting');
  await cluster.reaches(id, 'running');
  await using tab = await open('#/workers');
  const card = tab.page.locator('.card', { hasText: 'w-leaves' });
  await card.getByText('alive').waitFor();
  await card.getByRole('button', { name: 'Cordon', exact: true }).click();
  await card.locator('.status.cordoned').waitFor();
  await card.getByText('1 execution is left on it').waitFor();
  worker.signal('SIGTERM');
  await card.locator('.status.draining').waitFor();
  await card.getByRole('link', { name: 'w-leaves' }).click();
  await tab.page.locator('main .status.draining').waitFor();
  await tab.page.getByText('1 execution is left on it').waitFor();
  expect(await violationsOf(tab.page)).toEqual([]);
  const shown = callAgent(['workers', 'show', 'w-leaves', '--api-url', cluster.url], {
    env: { ATTUNE_API_TOKEN: cluster.token },
  });
  expect([shown.exitCode, shown.stdout]).toEqual([0, expect.stringMatching(/State +draining\nLeft +1 execution/)]);
});
