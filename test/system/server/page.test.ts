/** The page in a real Chromium, served by the static file. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { callAgent } from '#test/support/agent.ts';
import { isTrueOf, startBrowser } from '#test/support/browser.ts';
import { call } from '#test/support/call.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { violationsOf } from '#test/support/violations.ts';

const directory = temporaryDirectory();
let whole: Standalone;
let browser: Browser;

const LONG = `long_${'without_thinking_'.repeat(6)}name`;
/** Counts who connects to it. */
let hinted = 0;
const hint = Bun.listen({
  ...{ hostname: '127.0.0.1', port: 0 },
  socket: {
    open: () => {
      hinted += 1;
    },
    data: () => {},
  },
});
const EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';
/** A browser connects to where they lead, whatever the policy of a page says. */
const HINT = `<link rel="preconnect" href="http://127.0.0.1:${hint.port}">`;
const HINTS = `${HINT}<iframe srcdoc="${HINT.replaceAll('"', '&quot;')}"></iframe><meta http-equiv="refresh" content="0;url=/">`;

beforeAll(async () => {
  const action = (name: string, yaml: string, script: string): void => {
    directory.file(`packs/demo/actions/${name}.yaml`, `entry_point: ${name}.sh\n${yaml}`);
    directory.file(`packs/demo/actions/${name}.sh`, script);
  };
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  const parameters = `description: "greets ${EVIL.replaceAll('"', '\\"')}"
parameters:
  name: { type: string, required: true, description: who }
  loud: { type: boolean, default: true }
  times: { type: integer, default: 2 }
  mood: { type: string, enum: [happy, sad], default: sad }
  words: { type: array }
output_format: json
`;
  const form = `parameters:
  text: { type: string, default: "one\\ntwo\\n" }
  kind: { type: string, enum: [first, second], required: true }
  calm: { type: string, enum: [low, high], default: high }
  loud: { type: boolean }
  size: { type: integer, minimum: 1 }
  version: { anyOf: [{ type: string }, { type: 'null' }] }
  other: { anyOf: [{ type: string }, { type: 'null' }] }
  tags: { type: array, items: { type: string } }
output_format: json
`;
  action('form', form, 'cat');
  action('greet', parameters, 'cat');
  action('slow', '', 'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done');
  action(
    'colours',
    '',
    `printf '\\033[31mred\\033[0m plain \\033[1;32mgreen\\nstill green\\033[0m\\n'; printf '\\033[48;5;196mpalette\\033[0m \\033]8;;https://example.org/a\\033\\\\linked\\033]8;;\\033\\\\\\n'; echo '${EVIL}'; echo bad >&2`,
  );
  action('fail', '', 'echo working; echo "it broke" >&2; exit 3');
  action(
    'files',
    '',
    `cd "$ATTUNE_ARTIFACTS_DIR"; echo '${EVIL}' > note.txt; printf '# Findings\n\nSome *words*.\n\n%s\n' '${EVIL}' > note.md
base64 -d > shot.png <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
END
head -c 700000 /dev/zero >> shot.png
printf 'name,count\n"a, b",2\n' > table.csv; echo '{"deep": [1]}' > data.json
echo '<style>h1 { color: rgb(1, 2, 3) }</style><h1>Report</h1>${EVIL}<a href="http://127.0.0.1:9/">out</a>${HINTS}' > page.html`,
  );
  action(
    'groups',
    '',
    'echo before; echo "::group::Install"; echo inside; echo "::endgroup::"; seq -s " long " 400; echo after',
  );
  action(
    'deep',
    'output_format: json\n',
    `echo '{"who": {"name": "Ann"}, "numbers": ['$(seq -s, 0 249)'], "long": "'$(head -c 6000 /dev/zero | tr '\\0' y)'"}'`,
  );
  action(LONG, 'description: a name that no table is wide enough for\n', 'true');
  action('picky', 'worker_selector: { zone: b }\n', 'true');
  action('wide', '', `echo first; head -c 20000 /dev/zero | tr '\\0' x; echo the-end; echo last`);
  /* What installs its dependencies fails in no time. */
  const install = ['/bin/sh', '-c', 'echo "no such package: leftpad" >&2; exit 1'];
  const unmade = {
    environment: { env_type: 'own', dir_name: 'made', create_command: ['/bin/mkdir', '-p', '{env_dir}'] },
    dependencies: { manifest_file: 'deps.txt', install_command: install },
  };
  directory.file('packs/unmade/deps.txt', 'leftpad\n');
  directory.file('packs/unmade/pack.yaml', 'ref: unmade\nversion: 1.0.0\n');
  directory.file('packs/unmade/runtimes/shell.yaml', JSON.stringify({ name: 'shell', execution_config: unmade }));
  directory.file('packs/unmade/actions/never.yaml', 'entry_point: never.sh\n');
  directory.file('packs/unmade/actions/never.sh', 'true\n');
  directory.file('packs/torn/pack.yaml', 'ref: [torn\n');
  action('many', '', 'seq -f "this is line number %.0f" 0 59999');
  whole = await standalone(join(directory.path, 'data'), { ATTUNE_PACKS_DIR: join(directory.path, 'packs') });
  browser = await startBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await whole[Symbol.asyncDispose]();
  hint.stop(true);
  directory[Symbol.dispose]();
});

const TIMEOUT_MS = 90_000;

interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in it. */
  readonly problems: readonly string[];
}

type Options = Parameters<Browser['newContext']>[0];

async function open(hash: string, options: Options = {}, token = whole.token): Promise<Tab> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${whole.url}/#token=${token}`);
  await page.getByRole('heading', { name: 'Executions' }).waitFor();
  await page.goto(`${whole.url}/${hash}`);
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

async function submit(action: string): Promise<number> {
  const answer = await whole.api('executions', { method: 'POST', body: JSON.stringify({ action_ref: action }) });
  return ((await answer.json()) as { id: number }).id;
}

/** Waits until the tab of the page has this title, and an icon of this colour. */
const seenInTab = (page: Page, title: string, colour: string) =>
  isTrueOf(
    page,
    `document.title.startsWith('${title}') && document.querySelector('link[rel="icon"]').href.includes('${colour}')`,
  );

const text = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();

test('without a token there is a login; a wrong one is refused, the right one stays over a reload', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(whole.url);
  await page.getByLabel('Token').waitFor();
  /* The address that a server prints, in a tab that is open already. */
  await page.goto(`${whole.url}/#token=${whole.token}`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').fill('wrong');
  await page.keyboard.press('Enter');
  await text(page, 'the token is unknown, revoked or expired');
  expect(await violationsOf(page)).toEqual([]);
  await page.getByLabel('Token').fill(whole.token ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Workers' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Workers' }).click();
  await text(page, 'slots in use');
  await page.getByRole('link', { name: 'Runtimes' }).click();
  await text(page, /3\.\d+\.\d+ on/);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').waitFor();
  await context.close();
});

test('an address that somebody else has made replaces the token of a browser only if its user says so', async () => {
  const made = await whole.api('tokens', {
    method: 'POST',
    body: JSON.stringify({ name: 'mallory', scopes: ['read'] }),
  });
  const { token } = (await made.json()) as { token: string };
  await using tab = await open('#/workers');
  const { page } = tab;
  const kept = () => page.evaluate<string>('localStorage.getItem("attune-token")');
  for (const kind of ['token', 'session']) {
    const asking = page.waitForEvent('dialog');
    const going = page.goto(`${whole.url}/#${kind}=${token}`);
    await (await asking).dismiss();
    await going;
    expect([await kept(), new URL(page.url()).hash]).toEqual([whole.token ?? '', '#/executions']);
  }
  page.once('dialog', (dialog) => void dialog.accept());
  await page.goto(`${whole.url}/#token=${token}`);
  await page.getByRole('link', { name: 'Tokens' }).waitFor({ state: 'detached' });
  expect(await kept()).toBe(token);
});

test('an action is submitted by a form made of its schema, and its result is shown', async () => {
  await using tab = await open('#/submit/demo.greet');
  const { page } = tab;
  await page.getByLabel('name (required)').fill(`Ann ${EVIL}`);
  await page.getByLabel('loud').selectOption('false');
  await page.getByLabel('times').fill('3');
  await page.getByLabel('mood').selectOption('happy');
  await page.getByLabel('words').fill('[1');
  await page.getByRole('button', { name: 'Submit' }).click();
  await text(page, 'words: this is no JSON');
  await page.getByLabel('words').fill('["a", 2]');
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.getByRole('heading', { name: /^Execution \d+/ }).waitFor();
  await page.locator('output.completed').waitFor();
  const id = /executions\/(\d+)/.exec(page.url())?.[1];
  const execution = (await (await whole.api(`executions/${id}`)).json()) as { parameters: unknown };
  expect(execution.parameters).toEqual({ name: `Ann ${EVIL}`, loud: false, times: 3, mood: 'happy', words: ['a', 2] });
  await page.locator('summary', { hasText: 'Parameters' }).click();
  await text(page, 'window.evil=1');
  expect(await page.evaluate('window.evil')).toBeUndefined();
  expect(tab.problems).toEqual([]);
});

test('a form gives what is seen in it: lines, defaults and choices; pressed twice, it makes one execution', async () => {
  await using tab = await open('#/submit/demo.form?p.size=4&p.version=3.10');
  const { page } = tab;
  await text(page, /torn could not be loaded: .*pack\.yaml:2:1/);
  expect(await page.getByLabel('text').inputValue()).toBe('one\ntwo\n');
  expect(await page.getByLabel('calm').locator('option:checked').textContent()).toBe('high');
  expect(await page.getByLabel('kind (required)').inputValue()).toBe('');
  await page.getByLabel('size').fill('0');
  await page.getByRole('button', { name: 'Submit' }).click();
  await text(page, 'kind: is required');
  await page.getByLabel('kind (required)').selectOption('second');
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.locator('#flaw-size').waitFor();
  await page.getByLabel('size').fill('4');
  await page.getByRole('button', { name: 'Add to tags' }).click();
  await page.getByLabel('tags 1 (required)').fill('a tag');
  await page.getByLabel('other').fill('1.20');
  let requests = 0;
  page.on('request', (request) => {
    requests += request.method() === 'POST' ? 1 : 0;
  });
  await page.getByRole('button', { name: 'Submit' }).dblclick();
  await page.locator('output.completed').waitFor();
  const id = Number(/executions\/(\d+)/.exec(page.url())?.[1]);
  const { parameters } = (await (await whole.api(`executions/${id}`)).json()) as { parameters: unknown };
  const texts = { version: '3.10', other: '1.20' };
  expect(parameters).toEqual({ text: 'one\ntwo\n', kind: 'second', calm: 'high', size: 4, tags: ['a tag'], ...texts });
  await page.getByRole('button', { name: 'Run again', exact: true }).dblclick();
  await page.getByRole('heading', { name: `Execution ${id + 1}` }).waitFor();
  await page.locator('output.completed').waitFor();
  expect(requests).toBe(2);
  expect((await whole.api(`executions/${id + 2}`)).status).toBe(404);
  await page.getByRole('link', { name: 'Run again with other parameters' }).click();
  await page.getByLabel('kind (required)').waitFor();
  expect(await page.getByLabel('kind (required)').locator('option:checked').textContent()).toBe('second');
  expect(await page.getByLabel('tags 1 (required)').inputValue()).toBe('a tag');
  /* The refusal of the size is an error that the browser notes. */
  expect(tab.problems.filter((one) => !one.includes('422'))).toEqual([]);
});

test('a token says what it may not do, and why it is not valid any more', async () => {
  const made = callAgent([
    'token',
    'create',
    '--data',
    join(directory.path, 'data'),
    '--scope',
    'read',
    '--name',
    'reader',
  ]);
  const id = await submit('demo.colours');
  await using tab = await open(`#/executions/${id}`, {}, made.stdout.trim());
  const { page } = tab;
  await text(page, "The token 'reader' has no scope 'submit' (it has: read).");
  expect(await page.getByRole('button', { name: 'Run again', exact: true }).isDisabled()).toBe(true);
  await page.goto(`${whole.url}/#/tokens`);
  await text(page, "The token 'reader' has no scope 'admin' (it has: read).");
  expect(await page.getByRole('button', { name: 'Make a token' }).count()).toBe(0);
  await page.goto(`${whole.url}/#/workers`);
  await text(page, 'slots in use');
  const listed = callAgent(['token', 'list', '--data', join(directory.path, 'data'), '--format', 'json']).stdout;
  const { tokens } = JSON.parse(listed) as {
    readonly tokens: readonly { readonly id: string; readonly name: string }[];
  };
  const reader = tokens.find((one) => one.name === 'reader');
  expect(callAgent(['token', 'revoke', '--data', join(directory.path, 'data'), String(reader?.id)]).exitCode).toBe(0);
  await text(page, 'You were logged out: the token is unknown, revoked or expired');
});

test('what is shown of a server that is away is marked as old, and becomes true again with it', async () => {
  await using tab = await open('#/workers');
  const { page } = tab;
  await page.locator('.live:not(.stale) .status').first().waitFor();
  await page.route('**/api/v1/workers', (route) => route.abort());
  await page.locator('.live.stale .status').first().waitFor();
  await text(page, /the server cannot be reached – what is shown is from /);
  await page.unroute('**/api/v1/workers');
  await page.locator('.live:not(.stale) .status').first().waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'To the content' }).focus();
  await page.keyboard.press('Enter');
  await isTrueOf(page, 'document.activeElement?.id === "main"');
  await page.waitForURL(/#\/workers$/);
  await text(page, 'slots in use');
});

test('the log arrives while it is watched, a reload shows it again from its start, and cancel ends it', async () => {
  const id = await submit('demo.slow');
  await using tab = await open(`#/executions/${id}`);
  const { page } = tab;
  await page.locator('output.running').waitFor();
  await seenInTab(page, '▶ demo.slow', '8a5a00');
  await text(page, 'line 3');
  expect(await page.locator('.line .time').count()).toBe(0);
  await page.getByRole('checkbox', { name: 'times' }).check();
  await page
    .locator('.line .time', { hasText: /^\d\d:\d\d:\d\d\.\d{3} $/ })
    .first()
    .waitFor();
  await page.getByRole('checkbox', { name: 'times' }).uncheck();
  await page.locator('.line .time').first().waitFor({ state: 'detached' });
  await text(page, 'line 8');
  await page.reload();
  await text(page, 'line 10');
  await page.getByLabel('stay at the end').uncheck();
  await page.getByRole('log').evaluate((element) => element.scrollTo(0, 0));
  await page.getByText('line 0', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('output.cancelled').waitFor();
  await seenInTab(page, '⊘ demo.slow', '5a6169');
  expect(await page.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true);
  expect(tab.problems).toEqual([]);
});

test('colours are shown, over lines too; markup in output stays text', async () => {
  const id = await submit('demo.colours');
  await using tab = await open(`#/executions/${id}`);
  const { page } = tab;
  await page.locator('output.completed').waitFor();
  await page.locator('.ansi-red', { hasText: 'red' }).waitFor();
  await page.locator('.ansi-green', { hasText: 'still green' }).waitFor();
  const palette = await page.locator('.line').getByText('palette').getAttribute('style');
  expect(palette).toContain('background-color: rgb(255, 0, 0)');
  expect(await page.getByRole('link', { name: 'linked' }).getAttribute('href')).toBe('https://example.org/a');
  await page.locator('.line.stderr', { hasText: 'bad' }).waitFor();
  await page.locator('.line').getByText(EVIL).waitFor();
  expect(await page.locator('.log img, .log script').count()).toBe(0);
  expect(await page.evaluate('window.evil')).toBeUndefined();
  expect(tab.problems).toEqual([]);
});

test('of 60,000 lines only those that are seen are in the document, and all can be reached', async () => {
  const id = await submit('demo.many');
  await using tab = await open(`#/executions/${id}`);
  const { page } = tab;
  await text(page, '60000 lines');
  await page.getByText('this is line number 59999').waitFor();
  expect(await page.getByLabel('stay at the end').isChecked()).toBe(true);
  expect(await page.locator('.line').count()).toBeLessThan(200);
  await page.getByLabel('stay at the end').uncheck();
  const log = page.getByRole('log');
  /* Frames while it scrolls through everything: a page that puts all lines into the document shows a few at most. */
  const frames = await log.evaluate(async (element) => {
    let shown = 0;
    for (let part = 0; part <= 60; part++) {
      element.scrollTo(0, (element.scrollHeight * part) / 60);
      await new Promise((resolve) => element.ownerDocument.defaultView?.requestAnimationFrame(resolve));
      shown += element.querySelectorAll('.line').length > 0 ? 1 : 0;
    }
    return shown;
  });
  expect(frames).toBe(61);
  await log.focus();
  await page.keyboard.press('Home');
  await page.getByText('this is line number 0', { exact: true }).waitFor();
  expect(await page.locator('.line').count()).toBeLessThan(200);
  expect(tab.problems).toEqual([]);
});

test('it is usable by keyboard alone, on a phone, in dark and in light', async () => {
  await submit('demo.colours');
  await using tab = await open('#/executions', { viewport: { width: 360, height: 640 }, colorScheme: 'dark' });
  const { page } = tab;
  await page.locator('.dense td.id a').first().waitFor();
  const width = await page.evaluate('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(360);
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  expect([dark, await ground()]).toEqual(['rgb(17, 20, 23)', 'rgb(251, 252, 253)']);
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate('document.activeElement?.matches(".dense td.id a")')) break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Execution \d+/ }).waitFor();
  await isTrueOf(page, 'document.activeElement?.tagName === "H1"');
  expect(tab.problems).toEqual([]);
});

const row = (id: number) => `td.id a[href="#/executions/${id}"]`;

test('what a list shows is in its address, Back returns to it, and a list that is left open costs nearly nothing', async () => {
  const id = await submit('demo.colours');
  await using tab = await open('#/executions');
  const { page } = tab;
  await page
    .locator('.dense tr', { has: page.locator(row(id)) })
    .locator('output.completed')
    .waitFor();
  const answers: { readonly status: number; readonly bytes: number }[] = [];
  page.on('response', async (response) => {
    if (!response.url().includes('/executions?')) return;
    const status = response.status();
    const bytes = status === 304 ? 0 : (await response.body().catch(() => Buffer.alloc(0))).length;
    answers.push({ status, bytes });
  });
  await until('a list that has not changed is asked for again', () => answers.some((one) => one.status === 304));
  await page.getByRole('radio', { name: 'failed' }).check();
  await page.waitForURL(/#\/executions\?show=failed$/);
  await text(page, 'There are none.');
  await page.reload();
  await text(page, 'There are none.');
  expect(await page.getByRole('radio', { name: 'failed' }).isChecked()).toBe(true);
  await page.goBack();
  await page.locator(row(id)).waitFor();
  expect(await page.getByRole('radio', { name: 'all' }).isChecked()).toBe(true);
  expect(answers.every((one) => one.bytes < 15_000)).toBe(true);
  await page.goto(`${whole.url}/#/executions/abc`);
  await page.getByRole('heading', { name: 'There is no execution abc' }).waitFor();
  expect(tab.problems).toEqual([]);
});

test('the list is filtered, sorted and acted upon: its filters are in its address, and what is selected runs again', async () => {
  const ids = [await submit('demo.colours'), await submit('demo.fail'), await submit('demo.fail')];
  const [first = 0, second = 0, third = 0] = ids;
  await using tab = await open('#/executions', { viewport: { width: 1280, height: 900 } });
  const { page } = tab;
  await page
    .locator('.dense tr', { has: page.locator(row(third)) })
    .locator('output.failed')
    .waitFor();
  await page.getByRole('combobox', { name: 'Action' }).selectOption('demo.fail');
  await page.waitForURL(/action=demo\.fail/);
  await page.locator(row(first)).waitFor({ state: 'detached' });
  await page.getByLabel('Requested by').fill('admin');
  await page.keyboard.press('Enter');
  await page.waitForURL(/requester=admin/);
  await page.getByLabel('Since').selectOption('1h');
  await page.getByLabel('Search').fill('FAIL');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=FAIL/);
  await page.locator(row(second)).waitFor();
  const shown = async () => await page.locator('.dense td.id').allTextContents();
  await until('two rows are shown', async () => (await shown()).length === 2);
  expect(await shown()).toEqual([String(third), String(second)]);
  await page.getByRole('button', { name: 'Id' }).click();
  await until('the rows are in the order of ids', async () => (await shown())[0] === String(second));
  await page.reload();
  await page.locator(row(second)).waitFor();
  await page.getByLabel('Select all that are shown').check();
  await page.getByRole('button', { name: 'Run them again' }).click();
  await text(page, 'Run again: 2 of 2');
  await until('four rows are shown', async () => (await shown()).length === 4);
  /* Each filter by itself lets in what it names, and keeps out the rest. */
  const set = async (label: string, option: string) =>
    await page.getByLabel(label, { exact: true }).selectOption(option);
  const write = async (label: string, value: string) => {
    await page.getByLabel(label, { exact: true }).fill(value);
    await page.keyboard.press('Enter');
  };
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16);
  const filters: readonly (readonly [set: () => Promise<unknown>, address: RegExp, isIn: boolean, isOut: boolean])[] = [
    [() => set('Status', 'completed'), /status=completed/, false, true],
    [() => set('Status', 'failed'), /status=failed/, true, false],
    [() => set('Pack', 'demo'), /pack=demo/, true, true],
    [() => set('Pack', 'unmade'), /pack=unmade/, false, false],
    [() => set('Action', 'demo.colours'), /action=demo\.colours/, false, true],
    [() => set('Worker', '1'), /worker=1/, true, true],
    [() => set('Since', '15m'), /since=15m/, true, true],
    [() => write('Search', String(first)), /q=\d/, false, true],
    [() => write('Requested by', 'nobody'), /requester=nobody/, false, false],
    [() => write('From', inAnHour), /from=/, false, false],
    [() => write('To', '2001-01-01T00:00'), /to=2001/, false, false],
  ];
  for (const [change, address, hasFailed, hasCompleted] of filters) {
    await page.goto(`${whole.url}/#/executions`);
    await page.locator(row(third)).waitFor();
    await page.locator(row(first)).waitFor();
    await change();
    await page.waitForURL(address);
    const want = [hasFailed, hasCompleted];
    const are = async () => [
      (await page.locator(row(third)).count()) > 0,
      (await page.locator(row(first)).count()) > 0,
    ];
    await until(`${address} shows ${want}`, async () => Bun.deepEquals(await are(), want));
    await page.getByRole('link', { name: 'Clear' }).click();
  }
  expect(tab.problems).toEqual([]);
});

test('rows keep their places while they are read, and say how many are new', async () => {
  const first = await submit('demo.colours');
  await using tab = await open('#/executions?q=colours', { viewport: { width: 1280, height: 900 } });
  const { page } = tab;
  const ids = async () => (await page.locator('.dense td.id').allTextContents()).map(Number);
  await page.locator(row(first)).hover();
  const second = await submit('demo.colours');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  expect((await ids())[0]).toBe(first);
  const place = async () => (await page.locator(row(first)).boundingBox())?.y;
  const before = await place();
  const third = await submit('demo.colours');
  await page.getByRole('button', { name: '2 new' }).waitFor();
  expect([(await ids())[0], await place()]).toEqual([first, before]);
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: '2 new' }).click();
  await page.locator(row(third)).waitFor();
  expect((await ids()).slice(0, 3)).toEqual([third, second, first]);
  await page.mouse.move(0, 0);
  /* What is selected is read as well; what has left the list stays where it was. */
  const lasting = await submit('demo.slow');
  await page.goto(`${whole.url}/#/executions?show=active`);
  const line = page.locator('.dense tbody tr', { has: page.locator(row(lasting)) });
  await line.locator('output.running').waitFor();
  await line.getByRole('checkbox').check();
  const other = await submit('demo.slow');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys', exact: true }).last().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Cancel them' }).click();
  await text(page, 'Cancel asked for: 1 of 1');
  await page.mouse.move(0, 0);
  await page.locator(row(other)).waitFor();
  await page.locator(row(lasting)).waitFor({ state: 'detached' });
  await page.locator(row(other)).hover();
  await whole.api(`executions/${other}/cancel`, { method: 'POST' });
  await page.locator('.dense tr.gone', { has: page.locator(row(other)) }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  expect(tab.problems).toEqual([]);
});

test('one execution shows its error first, its files, and the way to each line of its log', async () => {
  await using tab = await open(`#/executions/${await submit('demo.fail')}`);
  const { page } = tab;
  await page.getByRole('region', { name: 'Error' }).getByText('exit code 3: it broke').waitFor();
  await isTrueOf(page, 'document.title.startsWith("✘ demo.fail")');
  await page.getByRole('button', { name: 'First error' }).click();
  await page.locator('.line.current', { hasText: 'it broke' }).waitFor();
  await page.getByLabel('Stream').selectOption('stderr');
  await page.locator('.line', { hasText: 'working' }).waitFor({ state: 'detached' });
  const id = await submit('demo.many');
  await page.goto(`${whole.url}/#/executions/${id}/log/L30001`);
  await page.locator('.line.current', { hasText: 'this is line number 30000' }).waitFor();
  await text(page, '60000 lines');
  await page.getByLabel('Search the log').fill('NUMBER 1234');
  await page.keyboard.press('Enter');
  await text(page, /^\d+ of 11$/);
  await page.locator('.line.current', { hasText: 'this is line number 1234' }).waitFor();
  const wide = await submit('demo.wide');
  await page.goto(`${whole.url}/#/executions/${wide}`);
  await page.getByText('last', { exact: true }).waitFor();
  await page.locator('.line', { hasText: 'more characters, which the search and the download have' }).waitFor();
  await page.getByLabel('Search the log').fill('THE-END');
  await page.keyboard.press('Enter');
  await text(page, '1 of 1');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe(`execution-${wide}.log`);
  expect(await Bun.file(await saved.path()).text()).toBe(`first\n${'x'.repeat(20_000)}the-end\nlast\n`);
  const deep = await submit('demo.deep');
  await page.goto(`${whole.url}/#/executions/${deep}`);
  const result = page.locator('details.document', { hasText: 'Result' });
  await result.locator('summary', { hasText: 'who' }).click();
  await result.locator('.leaf', { hasText: 'name: Ann' }).waitFor();
  await result.locator('summary', { hasText: 'numbers' }).click();
  await result.locator('.members', { hasText: '99: 99' }).last().waitFor();
  await result.getByRole('button', { name: '150 more' }).click();
  await result.locator('.leaf', { hasText: '199: 199' }).waitFor();
  expect((await result.locator('.tree').boundingBox())?.height).toBeLessThan(500);
  await result.locator('.leaf', { hasText: /^long: y{5000} / }).waitFor();
  await result.getByRole('button', { name: '1000 more characters' }).click();
  await result.locator('.leaf', { hasText: /^long: y{6000}$/ }).waitFor();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await result.getByRole('button', { name: 'Copy as JSON' }).click();
  await result.getByRole('button', { name: 'Copied' }).waitFor();
  const { result: kept } = (await (await whole.api(`executions/${deep}`)).json()) as { result: unknown };
  expect(JSON.parse(String(await page.evaluate('navigator.clipboard.readText()')))).toEqual(kept);
  const made = await submit('demo.files');
  await page.goto(`${whole.url}/#/executions/${made}`);
  await page.getByRole('button', { name: 'Show note.txt' }).click();
  await page.locator('.preview', { hasText: EVIL }).waitFor();
  expect(await page.locator('.preview img, .preview script').count()).toBe(0);
  expect(tab.problems).toEqual([]);
});

test('files are shown as what they are: HTML and Markdown in a frame of its own origin, in which nothing runs', async () => {
  await using tab = await open(`#/executions/${await submit('demo.files')}`);
  const { page } = tab;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const show = async (name: string) => await page.getByRole('button', { name: `Show ${name}` }).click();
  await show('note.md');
  const markdown = page.frameLocator('iframe[title="note.md"]');
  await markdown.locator('h1', { hasText: 'Findings' }).waitFor();
  await markdown.locator('em', { hasText: 'words' }).waitFor();
  expect(await markdown.locator('script, img[onerror]').count()).toBe(0);
  await show('page.html');
  const html = page.frameLocator('iframe[title="page.html"]');
  const heading = html.getByRole('heading', { name: 'Report' });
  await heading.waitFor();
  expect(await heading.evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).color)).toBe(
    'rgb(1, 2, 3)',
  );
  const inside = await heading.evaluate((one) => [one.ownerDocument.defaultView?.origin, 'evil' in globalThis]);
  expect(inside).toEqual(['null', false]);
  await show('table.csv');
  await page.locator('.sheet td', { hasText: 'a, b' }).waitFor();
  await show('shot.png');
  const image = page.getByRole('img', { name: 'shot.png' });
  await image.waitFor();
  await until('the image is drawn', () => image.evaluate((one) => 'naturalWidth' in one && one.naturalWidth === 1));
  await show('data.json');
  await page.locator('.preview .tree .key', { hasText: 'deep' }).waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  const boxes = await page
    .locator('.preview > *')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right]));
  expect(boxes.length).toBe(5);
  expect(boxes.filter(([left = 0, right = 0]) => left < 0 || right > 390)).toEqual([]);
  expect(await page.evaluate('window.evil')).toBeUndefined();
  expect(asked.filter((one) => !one.startsWith(whole.url) && !one.startsWith('data:'))).toEqual([]);
  /* The browser connects in the order in which it is asked to. */
  using later = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('later') });
  await page.goto(later.url.href);
  expect(hinted).toBe(0);
});

test('files beyond a page of their list are shown when they are asked for, and an action that no list has is submitted', async () => {
  const id = await submit('demo.files');
  await using tab = await open('#/workers');
  const { page } = tab;
  await page.route('**/api/v1/artifacts?*', (route) =>
    route.continue({ url: route.request().url().replace('limit=500', 'limit=4') }),
  );
  await page.goto(`${whole.url}/#/executions/${id}`);
  await text(page, 'The newest 4 files are shown.');
  await page.getByRole('button', { name: 'Show older files' }).click();
  const files = page.getByRole('region', { name: 'Artifacts' }).locator('tbody tr');
  await until('all files are shown', async () => (await files.count()) === 6);
  expect(await page.getByRole('button', { name: 'Show older files' }).count()).toBe(0);
  await page.route('**/api/v1/actions', (route) => route.fulfill({ json: { actions: [], next_cursor: 'more' } }));
  await page.goto(`${whole.url}/#/submit/demo.form`);
  await page.getByLabel('kind (required)').waitFor();
  await page.getByLabel('Another one, by its name').fill('demo.greet');
  await page.keyboard.press('Enter');
  await page.getByLabel('name (required)').waitFor();
  await page.getByLabel('Another one, by its name').fill('demo.nothing');
  await page.keyboard.press('Enter');
  await text(page, "there is no action 'demo.nothing'");
  expect(tab.problems.filter((one) => !one.includes('404'))).toEqual([]);
});

test('what is left out at the end of a list is said', async () => {
  await using tab = await open('#/runtimes');
  const { page } = tab;
  const answers = {
    runtimes: { runtimes: [{ name: 'shell', versions: [], workers: ['w'] }], is_complete: false },
    actions: { actions: [], next_cursor: 'more' },
    environments: {
      environments: Array.from({ length: 1000 }, (_, n) => ({
        ...{ key: `k${n}`, pack_ref: 'demo', runtime_ref: 'shell', status: n % 2 ? 'failed' : 'ready' },
        ...{ install_error: null, worker: null, updated: new Date().toISOString() },
      })),
    },
    tokens: {
      tokens: Array.from({ length: 250 }, (_, n) => ({
        ...{
          id: String(n),
          name: `t${n}`,
          scopes: ['read'],
          packs: null,
          actions: null,
          created: '2026-01-01T00:00:00Z',
        },
        ...{ revoked_at: '2026-01-02T00:00:00Z', expires_at: null, last_used_at: null },
      })),
    },
  };
  for (const [path, json] of Object.entries(answers))
    await page.route(`**/api/v1/${path}`, (route) => route.fulfill({ json }));
  await text(page, 'some are left out');
  await page.goto(`${whole.url}/#/packs`);
  await text(page, 'The first 0 actions are shown: attune-agent actions list lists all.');
  await text(page, '100 of 1,000 are shown.');
  await page.goto(`${whole.url}/#/tokens`);
  await page.getByText('Revoked and expired (250)').click();
  await text(page, '200 of 250 are shown.');
  expect(tab.problems).toEqual([]);
});

test('the groups of a log close and open, and its long lines are wrapped', async () => {
  await using tab = await open(`#/executions/${await submit('demo.groups')}`);
  const { page } = tab;
  const log = page.getByRole('log');
  await log.getByText('after', { exact: true }).waitFor();
  await log.getByRole('button', { name: 'Install' }).click();
  await log.getByText('inside', { exact: true }).waitFor({ state: 'detached' });
  await page.getByLabel('Search the log').fill('inside');
  await page.keyboard.press('Enter');
  await page.locator('.line.current', { hasText: 'inside' }).waitFor();
  await page.getByRole('button', { name: 'Close all groups' }).click();
  await log.getByText('inside', { exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Open all groups' }).click();
  await log.getByText('inside', { exact: true }).waitFor();
  const long = page.locator('.line', { hasText: '1 long 2 long' });
  const heightOf = async (): Promise<number> => (await long.boundingBox())?.height ?? 0;
  expect(await heightOf()).toBeLessThan(20);
  await page.getByLabel('wrap').check();
  await until('the long line is wrapped', async () => (await heightOf()) > 30);
  const isBelow = async (): Promise<boolean> => {
    const [above, below] = [await long.boundingBox(), await log.getByText('after', { exact: true }).boundingBox()];
    return above !== null && below !== null && below.y >= above.y + above.height - 1;
  };
  await until('what follows is below it', isBelow);
  await page.getByLabel('wrap').uncheck();
  await until('the line is one again', async () => (await heightOf()) < 20);
  expect(tab.problems).toEqual([]);
});

/** A directory for screenshots of every page, which somebody wants to look at. */
const screenshots = process.env['ATTUNE_TEST_SCREENSHOTS'];

test('every page is accessible by the rules of axe, in dark and light, and none is wider than a phone', async () => {
  const submitAll = (names: readonly string[]) => Promise.all(names.map((one) => submit(`demo.${one}`)));
  const [failed, long, waiting, files, groups, picky] = await submitAll([
    ...['fail', 'colours', 'slow', 'files', 'groups', 'picky'],
  ]);
  const pages: Readonly<Record<string, readonly [hash: string, seen: string]>> = {
    executions: ['#/executions', '.dense td'],
    none: ['#/executions?requester=nobody', 'text=There are none.'],
    failed: [`#/executions/${failed}`, '.outcome'],
    colours: [`#/executions/${long}`, '.line .ansi-red'],
    running: [`#/executions/${waiting}`, 'output.running'],
    form: ['#/submit/demo.form', '#field-kind'],
    workers: ['#/workers', 'meter'],
    runtimes: ['#/runtimes', '.card'],
    packs: ['#/packs', '.card li'],
    keys: ['#/keys', 'text=There are none.'],
    webhooks: ['#/webhooks', 'text=There are none.'],
    tokens: ['#/tokens', 'td button'],
    worker: ['#/workers/1', '.dense td'],
    audit: ['#/audit', '.dense td'],
    files: [`#/executions/${files}`, 'text=note.md'],
    groups: [`#/executions/${groups}`, '.line .group'],
    waits: [`#/executions/${picky}`, '.waiting li'],
  };
  const viewports = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
  const found: string[] = [];
  for (const [kind, viewport] of Object.entries(viewports))
    for (const colorScheme of ['light', 'dark'] as const) {
      /* Each size and each scheme once; for screenshots, each with each. */
      if (!screenshots && (kind === 'phone') !== (colorScheme === 'dark')) continue;
      await using tab = await open('#/executions', { viewport, colorScheme });
      const { page } = tab;
      const shoot = async (name: string): Promise<void> => {
        if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-${kind}-${colorScheme}.png`) });
      };
      const look = async (name: string): Promise<void> => {
        await shoot(name.replaceAll(' ', '-'));
        const violations = await violationsOf(page);
        found.push(...violations.map((one) => `${name} ${kind} ${colorScheme}: ${one}`));
      };
      for (const [name, [hash, seen]] of Object.entries(pages)) {
        await page.evaluate(`location.hash = '${hash}'`);
        await page.locator(seen).first().waitFor();
        await look(name);
        const overfull = await page
          .locator('.card')
          .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth));
        if (overfull.length > 0) found.push(`${name} ${kind}: more in a card than it is wide`);
        const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
        if (width > viewport.width) found.push(`${name} ${kind}: ${width} pixels wide`);
      }
      await page.evaluate("location.hash = '#/submit/demo.form'");
      await page.locator('#field-kind').selectOption({ label: 'first' });
      await page.getByRole('button', { name: 'Write as JSON' }).click();
      await page.getByLabel('Parameters, as a JSON object').waitFor();
      await look('parameters as JSON');
      await page.evaluate(`location.hash = '#/executions/${files}'`);
      for (const name of ['note.txt', 'table.csv', 'data.json'])
        await page.getByRole('button', { name: `Show ${name}` }).click();
      await page.locator('.preview .tree .key', { hasText: 'deep' }).waitFor();
      await look('previews');
      await page.evaluate("location.hash = '#/executions'");
      await page.locator('.dense tbody input[type="checkbox"]').first().check();
      await page.getByText('1 selected').waitFor();
      await look('selection');
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keys', exact: true }).last().waitFor();
      await look('keys that work');
      expect(tab.problems).toEqual([]);
      if (!screenshots) continue;
      await page.goto(`${whole.url}/api/v1/docs`);
      /* A phone lists the paths, and a desktop what they do. */
      const listed = page.getByText('/api/v1/executions').or(page.getByText('Request an execution of an action'));
      await listed.filter({ visible: true }).first().waitFor();
      await shoot('reference');
      await page.evaluate('localStorage.clear()');
      await page.goto(`${whole.url}/`);
      await page.getByLabel('Token').waitFor();
      await shoot('login');
    }
  expect(found).toEqual([]);
});

test('a key is stored and deleted on the page, and the audit log says so', async () => {
  await using tab = await open('#/keys');
  const { page } = tab;
  await page.getByLabel('Name').fill('mail');
  await page.getByLabel('Value, which never comes back').fill('one\ntwo');
  await page.getByRole('button', { name: 'Store' }).click();
  await page.getByRole('button', { name: 'Delete system.mail' }).click();
  await page.getByRole('button', { name: 'Delete system.mail for good' }).click();
  await text(page, 'There are none.');
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.locator('tr', { hasText: 'DELETE' }).filter({ hasText: 'system.mail' }).waitFor();
  await page.getByRole('link', { name: 'Workers' }).click();
  await page.getByLabel('Reason for the cordon of ').fill('disk is being exchanged');
  await page.getByRole('button', { name: 'Cordon', exact: true }).click();
  await page.locator('.card', { hasText: 'disk is being exchanged' }).locator('.status.cordoned').waitFor();
  await page.getByRole('button', { name: 'Uncordon' }).click();
  await page.getByRole('button', { name: 'Cordon', exact: true }).waitFor();
  expect(tab.problems).toEqual([]);
});

test('a pack is uploaded, one that is broken says where, and a failed installation what it said; it is tried again', async () => {
  await whole.api(`executions?wait=45`, { method: 'POST', body: JSON.stringify({ action_ref: 'unmade.never' }) });
  directory.file('new/brought/pack.yaml', 'ref: brought\nversion: 2.1.0\n');
  directory.file('new/brought/actions/act.yaml', 'entry_point: act.sh\ndescription: does what it may\n');
  directory.file('new/brought/actions/act.sh', 'true\n');
  const archive = join(directory.path, 'brought.tar.gz');
  expect(call(['tar', '-czf', archive, '-C', join(directory.path, 'new'), 'brought']).exitCode).toBe(0);
  await using tab = await open('#/packs');
  const { page } = tab;
  await text(page, /torn could not be loaded: .*pack\.yaml:2:1/);
  const failed = page.getByRole('region', { name: 'Environments' });
  await failed.locator('pre', { hasText: 'no such package: leftpad' }).waitFor();
  const asked = page.waitForRequest(/environments\/.*\/retry$/);
  await failed.getByRole('button', { name: /^Try unmade with .* again$/ }).click();
  expect((await (await asked).response())?.ok()).toBe(true);
  await failed.getByRole('button', { name: 'The next execution tries' }).waitFor();
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await text(page, 'choose a .tar.gz of a directory with a pack.yaml');
  await page.getByLabel('Upload a pack').setInputFiles(join(directory.path, 'packs/demo/pack.yaml'));
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'tar' }).waitFor();
  await page.getByLabel('Upload a pack').setInputFiles(archive);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await text(page, 'brought 2.1.0 is registered.');
  await page.locator('.card', { hasText: /brought\.act.*: does what it may/ }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  /* The refusals are errors that the browser notes. */
  expect(tab.problems.filter((one) => !/4(00|22)/.test(one))).toEqual([]);
});

test('the page of the API shows its routes', async () => {
  await using tab = await open('#/executions');
  await tab.page.getByRole('link', { name: 'API' }).click();
  await text(tab.page, 'Request an execution of an action, or of code');
  await tab.page.locator('.nav-bar-path[data-content-id="post-/api/v1/executions"]').first().click();
  await tab.page.getByText('idempotency-key').first().waitFor();
  expect(await violationsOf(tab.page, 'rapi-doc')).toEqual([]);
  expect(tab.problems).toEqual([]);
  /* The token goes with what is tried out, and nobody sees it who does not ask for the command of that. */
  const isShown = async (): Promise<boolean> => {
    const fields = await tab.page
      .locator('input')
      .evaluateAll((all) => all.map((one) => ('value' in one ? one.value : '')));
    return (
      fields.includes(whole.token ?? '') ||
      (await tab.page
        .getByText(whole.token ?? '')
        .filter({ visible: true })
        .count()) > 0
    );
  };
  await tab.page.locator('.nav-bar-path[data-content-id="get-/api/v1/workers"]').first().click();
  const tried = tab.page.waitForRequest((one) => new URL(one.url()).pathname === '/api/v1/workers');
  await tab.page.getByRole('button', { name: 'TRY', exact: true }).first().click();
  expect((await tried).headers()['authorization']).toBe(`Bearer ${whole.token}`);
  expect(await isShown()).toBe(false);
  await tab.page.setViewportSize({ width: 390, height: 844 });
  await tab.page.reload();
  await tab.page.getByText('/api/v1/executions').filter({ visible: true }).first().waitFor();
  expect(await isShown()).toBe(false);
  expect(await violationsOf(tab.page, 'rapi-doc')).toEqual([]);
  await tab.page.evaluate('localStorage.clear()');
  await tab.page.reload();
  await text(tab.page, 'the description is for those who have a token');
  expect(await violationsOf(tab.page)).toEqual([]);
});
