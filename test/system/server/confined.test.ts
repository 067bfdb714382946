/** A token that is confined to packs and actions, at every route of the static file that its scopes open to it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import { type Standalone, standalone, withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { eventually } from '#test/support/until.ts';

const directory = temporaryDirectory();
const data = join(directory.path, 'data');
/** The token is confined to pack `mine` and to `half.open`; the rest does not exist for it. */
const SEEN = ['half.open', 'mine.say'];
const HIDDEN = ['half.shut', 'theirs.say'];
let whole: Standalone;
let token: string;
/** The ids of what each action has left, and of an execution that brought its own code. */
const executions: Record<string, number> = {};
const artifacts: Record<string, number> = {};
const schedules: Record<string, number> = {};

interface Answer {
  readonly [key: string]: unknown;
  readonly id: number;
}

const asConfined = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(new URL(path, `${whole.url}/api/v1/`), withToken(token, init));
const posted = (body?: unknown): RequestInit => ({
  method: 'POST',
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});
async function made(path: string, body: unknown): Promise<Answer> {
  const answer = await whole.api(path, posted(body));
  expect([answer.status, path]).toEqual([201, path]);
  return (await answer.json()) as Answer;
}

beforeAll(async () => {
  for (const ref of [...SEEN, ...HIDDEN]) {
    const [pack = '', name = ''] = ref.split('.');
    directory.file(`packs/${pack}/pack.yaml`, `ref: ${pack}\nversion: 1.0.0\n`);
    directory.file(`packs/${pack}/actions/${name}.yaml`, `entry_point: ${name}.sh\n`);
    directory.file(`packs/${pack}/actions/${name}.sh`, `echo ${ref}; echo ${ref} > "$ATTUNE_ARTIFACTS_DIR/note.txt"`);
  }
  directory.file('packs/theirs/actions/broken.yaml', 'entry_point: [\n');
  directory.file('packs/mine/actions/broken.yaml', 'entry_point: [\n');
  whole = await standalone(data, { ATTUNE_PACKS_DIR: join(directory.path, 'packs') });
  for (const ref of [...SEEN, ...HIDDEN]) {
    executions[ref] = (await made('executions', { action_ref: ref })).id;
    schedules[ref] = (await made('schedules', { action_ref: ref, cron: '0 4 1 1 *', time_zone: 'UTC' })).id;
    const list = await eventually(
      `${ref} leaves its file`,
      async () => (await (await whole.api(`artifacts?execution=${executions[ref]}`)).json()) as { artifacts: Answer[] },
      (answer) => answer.artifacts.length > 0,
    );
    artifacts[ref] = list.artifacts[0]?.id ?? 0;
  }
  executions['code'] = (await made('executions', { inline: { runtime: 'shell', code: 'echo hello' } })).id;
  token = String(
    (
      await made('tokens', {
        ...{ name: 'confined', scopes: ['read', 'submit'] },
        ...{ packs: ['mine'], actions: ['half.open'] },
      })
    )['token'],
  );
}, 180_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

/** The routes that name one thing: by it, the path, and the request that a token may send. */
const ofOne: Readonly<Record<string, (ref: string) => readonly [path: string, init?: RequestInit]>> = {
  requestExecution: (ref) => ['executions', posted({ action_ref: ref })],
  readExecution: (ref) => [`executions/${executions[ref]}?wait=0.1`],
  cancelExecution: (ref) => [`executions/${executions[ref]}/cancel`, posted()],
  rerunExecution: (ref) => [`executions/${executions[ref]}/rerun`, posted()],
  followLog: (ref) => [`executions/${executions[ref]}/logs/stream?follow=false`],
  readLog: (ref) => [`executions/${executions[ref]}/logs/stdout`],
  listAttempts: (ref) => [`executions/${executions[ref]}/attempts`],
  placeExecution: (ref) => [`executions/${executions[ref]}/placement`],
  readArtifact: (ref) => [`artifacts/${artifacts[ref]}`],
  downloadArtifact: (ref) => [`artifacts/${artifacts[ref]}/content`],
  readSchedule: (ref) => [`schedules/${schedules[ref]}`],
  readAction: (ref) => [`actions/${ref}`],
  placeAction: (ref) => [`actions/${ref}/placement`],
};

/** The routes that list things of actions: the path, and what tells of which action, or pack, each of them is. */
const lists: Readonly<Record<string, readonly [path: string, list: string, key: string, seen: readonly string[]]>> = {
  listExecutions: ['executions', 'executions', 'action_ref', SEEN],
  listArtifacts: ['artifacts', 'artifacts', 'action_ref', SEEN],
  listSchedules: ['schedules', 'schedules', 'action_ref', SEEN],
  listActions: ['actions', 'actions', 'ref', SEEN],
  listPacks: ['packs', 'packs', 'ref', ['half', 'mine']],
};

/** What tells of no action or is looked at below, and what is refused. */
const others = ['readPack', 'downloadPack', 'listEnvironments', 'readActivity', 'readMetrics', 'createCallbackSecret'];
const OF_WORKERS = ['listWorkers', 'readWorker', 'listRuntimes', 'listRegisteredRuntimes'];

test('each route that a confined token may call is asked here', async () => {
  const document = (await (await whole.api('openapi.json')).json()) as {
    paths: Record<string, Record<string, { operationId?: string; description?: string }>>;
  };
  const open = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ description }) => /needs the scope .*`(read|submit)`/.test(description ?? ''))
    .map(({ operationId }) => operationId ?? '');
  expect(open.toSorted()).toEqual([...Object.keys(ofOne), ...Object.keys(lists), ...others, ...OF_WORKERS].toSorted());
});

test.each(Object.entries(ofOne))('%s', async (operation, request) => {
  const known: [string, boolean][] = [...SEEN.map((ref) => [ref, true]), ...HIDDEN.map((ref) => [ref, false])] as never;
  if (request('code')[0].startsWith('executions/')) known.push(['code', false]);
  for (const [ref, isSeen] of known) {
    const answer = await asConfined(...request(ref));
    const text = await answer.text();
    expect([ref, isSeen ? answer.ok : answer.status]).toEqual([ref, isSeen ? true : 404]);
    if (isSeen) continue;
    /* It is refused as what is not there at all. */
    const gone = operation.endsWith('Action') || operation === 'requestExecution' ? 'half.none' : 'none';
    const missing = await (await asConfined(...named(request, gone))).text();
    expect(without(text, ref)).toBe(without(missing, gone));
  }
});

/** The same request for something that is not there. */
function named(
  request: (ref: string) => readonly [string, RequestInit?],
  ref: string,
): readonly [string, RequestInit?] {
  const [path, init] = request(ref);
  return init ? [path.replace('undefined', '999999'), init] : [path.replace('undefined', '999999')];
}

/** What an answer says besides the name and the id of what was asked for, and of the request. */
function without(text: string, ref: string): string {
  const { detail, code, status } = JSON.parse(text) as Record<string, string>;
  return JSON.stringify([code, status, detail?.replace(ref, 'IT').replace(/\d+/, 'N')]);
}

test.each(Object.entries(lists))('%s', async (_, [path, name, key, seen]) => {
  const found: string[] = [];
  let pages = 0;
  for (let cursor: string | null = ''; cursor !== null && pages < 100; pages++) {
    const query = new URLSearchParams({ limit: '1', ...(cursor === '' ? {} : { cursor }) });
    const page = (await (await asConfined(`${path}?${query}`)).json()) as Record<string, Answer[]> & {
      next_cursor: string | null;
    };
    expect(page[name]).toHaveLength(1);
    found.push(...(page[name] ?? []).map((one) => String(one[key])));
    cursor = page.next_cursor === null ? null : String(page.next_cursor);
  }
  expect([...new Set(found)].toSorted()).toEqual([...seen]);
  for (const filter of path === 'executions'
    ? HIDDEN.flatMap((ref) => [`action_ref=${ref}`, `q=${ref}`, `q=${executions[ref]}`])
    : path === 'actions'
      ? ['pack_ref=theirs']
      : []) {
    const page = (await (await asConfined(`${path}?${filter}`)).json()) as Record<string, Answer[]>;
    expect([filter, page[name]]).toEqual([filter, []]);
  }
});

test('a pack is seen in part, its archive only where it is seen whole, and what could not be loaded of others not at all', async () => {
  const status = async (path: string): Promise<number> => (await asConfined(path)).status;
  expect([await status('packs/half'), await status('packs/mine'), await status('packs/theirs')]).toEqual([
    200, 200, 404,
  ]);
  const half = (await (await asConfined('packs/half')).json()) as { actions: Answer[] };
  expect(half.actions.map((one) => one['ref'])).toEqual(['half.open']);
  const archives = ['half', 'mine', 'theirs'].map((ref) => status(`packs/${ref}/archive`));
  expect(await Promise.all(archives)).toEqual([404, 200, 404]);
  const packs = (await (await asConfined('packs')).json()) as { packs: Answer[]; broken: Answer[] };
  expect(packs.packs.map((one) => [one['ref'], one['actions']])).toEqual([
    ['half', 1],
    ['mine', 1],
  ]);
  expect(packs.broken.map((one) => one['ref'])).toEqual(['mine.broken']);
  const hint = (await (await asConfined('executions', posted({ action_ref: 'half.shu' }))).json()) as Answer;
  expect(hint['detail']).not.toContain('half.shut');
  expect(await (await asConfined('environments')).json()).toEqual({ environments: [] });
});

test('figures count what a confined token sees alone, and it reads no metrics and is called back nowhere; workers are everybody’s', async () => {
  const requested = async (answer: Promise<Response>): Promise<number> =>
    ((await (await answer).json()) as { minutes: { requested: number }[] }).minutes.reduce(
      (sum, one) => sum + one.requested,
      0,
    );
  const mine = await requested(asConfined('activity'));
  const all = await requested(whole.api('activity'));
  expect(mine).toBeGreaterThanOrEqual(SEEN.length);
  expect(all - mine).toBeGreaterThanOrEqual(HIDDEN.length + 1);
  expect((await asConfined(`${whole.url}/metrics`)).status).toBe(403);
  for (const path of ['workers', 'workers/1', 'runtimes', 'runtimes/registry'])
    expect([path, (await asConfined(path)).status]).toEqual([path, 200]);
  const callback = await asConfined('callback-secret', { method: 'POST' });
  expect([callback.status, await callback.json()]).toMatchObject([403, { code: 'callbacks-not-allowed' }]);
  const body = JSON.stringify({ action_ref: 'half.open', callback_url: 'https://example.com/' });
  const asked = await asConfined('executions', { method: 'POST', body });
  expect([asked.status, await asked.json()]).toMatchObject([403, { code: 'callbacks-not-allowed' }]);
  expect(await (await asConfined('token')).json()).toEqual({
    ...{ name: 'confined', scopes: ['read', 'submit'] },
    ...{ packs: ['mine'], actions: ['half.open'] },
  });
});

test('unknown names and scopes that reach further are refused, and the audit log says what a token is confined to', async () => {
  const refused = async (body: object, status = 422): Promise<string> => {
    const answer = await whole.api('tokens', posted({ name: 'other', scopes: ['read'], ...body }));
    expect(answer.status).toBe(status);
    return String(((await answer.json()) as Answer)['detail']);
  };
  expect(await refused({ packs: ['mien'] })).toBe("packs: there is no pack 'mien', did you mean 'mine'?");
  expect(await refused({ actions: ['half.opem'] })).toBe(
    "actions: there is no action 'half.opem', did you mean 'half.open'?",
  );
  expect(await refused({ packs: ['adhoc'] })).toContain("no pack 'adhoc'");
  expect(await refused({ packs: [] }, 400)).toContain('packs');
  for (const scope of ['admin', 'inline', 'worker', 'metrics', 'agent-download'])
    expect(await refused({ packs: ['mine'], scopes: ['read', scope] })).toContain(`scopes: ${scope}`);
  const audit = await eventually(
    'the audit log',
    async () => await (await whole.api('audit')).text(),
    (text) => text.includes('(read,submit of mine,half.open)'),
  );
  expect(audit).toContain('POST /tokens');
});

test('the command makes the same tokens', async () => {
  const create = (...more: string[]) =>
    callAgent(['token', 'create', '--name', `cli ${more.length}`, '--scope', 'read', '--data', data, ...more]);
  const unknown = await create('--packs', 'mine,halv');
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    2,
    expect.stringContaining("no pack 'halv', did you mean 'half'?"),
  ]);
  const beyond = await callAgent([
    ...['token', 'create', '--name', 'boss', '--scope', 'admin', '--data', data, '--packs', 'mine'],
  ]);
  expect([beyond.exitCode, beyond.stderr]).toEqual([2, expect.stringContaining('--scope: admin')]);
  const json = await create('--packs', 'mine', '--actions', 'half.open', '--format', 'json');
  expect([json.exitCode, JSON.parse(json.stdout)]).toEqual([
    0,
    expect.objectContaining({ packs: ['mine'], actions: ['half.open'] }),
  ]);
  const list = await callAgent(['token', 'list', '--data', data]);
  expect(list.stdout).toContain('mine,half.open');
});
