/** The API of the static file: of a standalone, and of two servers on one database. */
import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionStatus, isFinal } from '#domain/execution-status.ts';
import { callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type Standalone, standalone, withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const directory = temporaryDirectory();
const data = join(directory.path, 'data');
let whole: Standalone;

beforeAll(async () => {
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  directory.file(
    'packs/demo/actions/say.yaml',
    'entry_point: say.sh\nparameters: { text: { type: string, required: true } }\n',
  );
  directory.file('packs/demo/actions/say.sh', 'cat; echo; echo error >&2');
  directory.file(
    'packs/demo/actions/nap.yaml',
    'entry_point: nap.sh\nschedule: { cron: "0 4 1 1 *", time_zone: America/New_York }\n',
  );
  directory.file('packs/demo/actions/nap.sh', 'echo begun; sleep 30');
  directory.file(
    'packs/demo/actions/keyed.yaml',
    'entry_point: keyed.sh\nparameters: { pw: { type: string, secret: true, required: true }, text: { type: string } }\n',
  );
  directory.file('packs/demo/actions/keyed.sh', `tee /dev/stderr | sed 's/.*"pw":"\\([^"]*\\)".*/\\1/' | sha256sum`);
  directory.file('packs/demo/actions/count.yaml', 'entry_point: count.sh\n');
  directory.file(
    'packs/demo/actions/count.sh',
    'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); [ $((i % 40)) != 0 ] || sleep 0.1; done',
  );
  whole = await standalone(data, { ATTUNE_PACKS_DIR: join(directory.path, 'packs') });
}, 120_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

interface Answer {
  readonly [key: string]: unknown;
  readonly id: number;
  readonly status: ExecutionStatus;
  readonly code: string;
  readonly detail: string;
}

const read = async (path: string, init?: RequestInit): Promise<Answer> =>
  (await (await whole.api(path, init)).json()) as Answer;
const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  whole.api(path, { method: 'POST', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const submit = async (body: unknown): Promise<number> => ((await (await post('executions', body)).json()) as Answer).id;
const say = (text: string): Promise<number> => submit({ action_ref: 'demo.say', parameters: { text } });
async function ended(id: number): Promise<Answer> {
  const isOver = async (): Promise<boolean> => isFinal((await read(`executions/${id}`)).status);
  await until(`execution ${id} ends`, isOver);
  return await read(`executions/${id}`);
}

/** Status and code of a problem, which must have all members of RFC 9457. */
async function problemOf(answer: Response | Promise<Response>): Promise<readonly [number, string]> {
  const response = await answer;
  const problem = (await response.json()) as Answer;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(Object.keys(problem)).toEqual(expect.arrayContaining(['type', 'title', 'status', 'detail', 'code']));
  expect(problem.status).toEqual(response.status as never);
  return [response.status, problem.code];
}

test('an execution is requested, read, listed page by page, repeated and cancelled', async () => {
  const id = await say('hello');
  expect(await ended(id)).toMatchObject({
    id,
    status: 'completed',
    action_ref: 'demo.say',
    parameters: { text: 'hello' },
  });
  const again = (await (await post(`executions/${id}/rerun`)).json()) as Answer;
  expect(again).toMatchObject({ original_execution: id, parameters: { text: 'hello' } });
  await ended(again.id);
  const pages: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ limit: '1', action_ref: 'demo.say', ...(cursor && { cursor }) });
    const page = (await read(`executions?${query}`)) as unknown as { executions: Answer[]; next_cursor: string | null };
    pages.push(...page.executions.map((one) => one.id));
    cursor = page.next_cursor;
  }
  expect(pages).toEqual([again.id, id]);
  const nap = await submit({ action_ref: 'demo.nap' });
  await until('it runs', async () => (await read(`executions/${nap}`)).status === 'running');
  expect((await post(`executions/${nap}/cancel`)).status).toBe(202);
  expect((await ended(nap)).status).toBe('cancelled');
  const failed = (await read('executions?status=cancelled,failed')) as unknown as { executions: Answer[] };
  expect(failed.executions.map((one) => one.id)).toEqual([nap]);
});

test('a request waits for the end of its execution where it says for how long, and is answered when it comes', async () => {
  const made = await post('executions?wait=45', { action_ref: 'demo.say', parameters: { text: 'waited' } });
  expect([made.status, ((await made.json()) as Answer).status]).toEqual([201, 'completed']);
  const nap = await submit({ action_ref: 'demo.nap' });
  await until('it runs', async () => (await read(`executions/${nap}`)).status === 'running');
  expect((await read(`executions/${nap}?wait=0.1`)).status).toBe('running');
  const waiting = Promise.all(Array.from({ length: 20 }, async () => (await read(`executions/${nap}?wait=45`)).status));
  await post(`executions/${nap}/cancel`);
  expect(new Set(await waiting)).toEqual(new Set(['cancelled']));
  for (const wait of ['46', '-1', 'long'])
    expect(await problemOf(whole.api(`executions/${nap}?wait=${wait}`))).toEqual([400, 'invalid-request']);
  expect((await whole.api('executions/99999?wait=45')).status).toBe(404);
});

test('a schedule is made, shown with its times, paused and deleted, and that of a pack comes with its file', async () => {
  const asked = { action_ref: 'demo.say', cron: '30 2 * * *', time_zone: 'Europe/Berlin', parameters: { text: 'x' } };
  const made = await post('schedules', asked);
  const one = (await made.json()) as Answer & { next_times: readonly string[] };
  expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/schedules/${one.id}`]);
  expect(one).toMatchObject({
    ...asked,
    name: 'default',
    missed: 'once',
    paused: false,
    pack_ref: null,
    problem: null,
  });
  expect(one.next_times).toHaveLength(3);
  const listed = (await read('schedules')) as unknown as { schedules: Answer[] };
  const ofPack = listed.schedules.find((each) => each['pack_ref'] === 'demo');
  expect(ofPack).toMatchObject({ action_ref: 'demo.nap', cron: '0 4 1 1 *', time_zone: 'America/New_York' });
  expect(await problemOf(post('schedules', asked))).toEqual([409, 'schedule-exists']);
  for (const [change, code] of [
    [{ cron: '* * * * * *' }, 'invalid-request'],
    [{ time_zone: 'Mars' }, 'invalid-request'],
    [{ parameters: {} }, 'invalid-parameters'],
    [{ action_ref: 'demo.none' }, 'action-not-found'],
  ] as const)
    expect((await problemOf(post('schedules', { ...asked, name: 'other', ...change })))[1]).toBe(code);
  expect(await problemOf(whole.api(`schedules/${ofPack?.id}`, { method: 'DELETE' }))).toEqual([
    409,
    'schedule-of-pack',
  ]);
  expect(await (await post(`schedules/${ofPack?.id}/pause`)).json()).toMatchObject({ paused: true, next_times: [] });
  expect(await (await post(`schedules/${ofPack?.id}/resume`)).json()).toMatchObject({ paused: false });
  expect((await whole.api(`schedules/${one.id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await problemOf(whole.api(`schedules/${one.id}`))).toEqual([404, 'not-found']);
});

test('a list brings no parameters and no results unless they are asked for, and nothing at all while nothing changes', async () => {
  const text = 'x'.repeat(300_000);
  const id = await say(text);
  await ended(id);
  const answer = await whole.api('executions?limit=50');
  const body = await answer.text();
  expect(body.length).toBeLessThan(20_000);
  const page = JSON.parse(body) as { executions: Answer[] };
  const row = page.executions.find((one) => one.id === id);
  expect(row).toMatchObject({ status: 'completed', action_ref: 'demo.say', duration_ms: expect.any(Number) });
  expect(Object.keys(row ?? {})).not.toContain('parameters');
  expect(Object.keys(row ?? {})).not.toContain('result');
  const etag = answer.headers.get('etag') ?? '';
  const same = await whole.api('executions?limit=50', { headers: { 'if-none-match': `"other", ${etag}` } });
  expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
  const more = (await read('executions?limit=1&fields=parameters,status')) as unknown as { executions: Answer[] };
  expect(more).toMatchObject({ executions: [{ id, status: 'completed', parameters: { text } }] });
  expect(Object.keys(more.executions[0] ?? {}).toSorted()).toEqual(['id', 'parameters', 'status']);
  expect(await problemOf(whole.api('executions?fields=nonsense'))).toEqual([400, 'invalid-request']);
  await ended(await say('another'));
  const changed = await whole.api('executions?limit=50', { headers: { 'if-none-match': etag } });
  expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
});

test('requests are named, refused by their type, method and parameters, and answered compressed with a place', async () => {
  const made = await post(
    'executions',
    { action_ref: 'demo.say', parameters: { text: 'x' } },
    { 'x-request-id': 'mine-1' },
  );
  const { id } = (await made.json()) as Answer;
  expect(made.headers.get('location')).toBe(`/api/v1/executions/${id}`);
  expect(made.headers.get('x-request-id')).toBe('mine-1');
  const missing = await whole.api('executions/99999', { headers: { 'x-request-id': 'mine-2' } });
  expect(await missing.json()).toMatchObject({ code: 'not-found', request_id: 'mine-2' });
  expect((await whole.api('workers')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const typed = (type: string): Promise<Response> =>
    whole.api('executions', { method: 'POST', body: '{}', headers: { 'content-type': type } });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'])
    expect([type, ...(await problemOf(typed(type)))]).toEqual([type, 415, 'unsupported-media-type']);
  const encoded = await whole.api('executions', {
    method: 'POST',
    body: Bun.gzipSync('{}'),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  expect(encoded.headers.get('accept-encoding')).toBe('identity');
  expect(await problemOf(encoded)).toEqual([415, 'unsupported-media-type']);
  expect(await problemOf(whole.api('worker/artifacts?path=1/1/a', { method: 'PUT' }))).toEqual([
    415,
    'unsupported-media-type',
  ]);
  for (const [path, method, allow] of [
    ['executions', 'PATCH', 'POST, GET, HEAD'],
    [`executions/${id}`, 'DELETE', 'GET, HEAD'],
    ['keys/x', 'POST', 'DELETE'],
  ] as const) {
    const refused = await whole.api(path, { method });
    expect([path, refused.headers.get('allow')]).toEqual([path, allow]);
    expect(await problemOf(refused)).toEqual([405, 'method-not-allowed']);
  }
  for (const path of ['executions?statsu=failed', 'workers?x=1', `executions/${id}?fields=status`])
    expect([path, ...(await problemOf(whole.api(path)))]).toEqual([path, 400, 'invalid-request']);
  expect(((await (await whole.api('executions?statsu=failed')).json()) as Answer).detail).toContain(
    "did you mean 'status'?",
  );
  const small = await whole.api('openapi.json', { headers: { 'accept-encoding': 'gzip' } });
  expect(small.headers.get('content-encoding')).toBe('gzip');
  expect(Object.keys((await small.json()) as object)).toContain('paths');
  const zstd = await whole.api('openapi.json', { headers: { 'accept-encoding': 'zstd' } });
  expect(zstd.headers.get('content-encoding')).toBe('zstd');
  expect(Object.keys((await zstd.json()) as object)).toContain('paths');
});

test('code goes along with its execution, and leaves nothing behind', async () => {
  const code =
    'import json, sys, os\nprint(json.load(sys.stdin)["n"] * 2, oct(os.stat(sys.argv[0]).st_mode & 0o777), os.path.dirname(sys.argv[0]))\n';
  const done = await ended(await submit({ inline: { runtime: 'python3', code }, parameters: { n: 21 } }));
  expect(done).toMatchObject({ action_ref: 'adhoc.python', status: 'completed' });
  const [answer, mode, place = ''] = String((done['result'] as { stdout: string }).stdout)
    .trim()
    .split(' ');
  expect([answer, mode]).toEqual(['42', '0o600']);
  expect(call(['ls', place]).exitCode).not.toBe(0);
  expect(await problemOf(post('executions', { inline: { runtime: 'pyton', code } }))).toEqual([422, 'invalid-runtime']);
});

test('what is wrong with a request is said, with a stable code', async () => {
  expect(await problemOf(post('executions', { action_ref: 'demo.sya' }))).toEqual([404, 'action-not-found']);
  expect((await (await post('executions', { action_ref: 'demo.sya' })).json()) as Answer).toMatchObject({
    detail: "there is no action 'demo.sya', did you mean 'demo.say'?",
  });
  expect(await problemOf(post('executions', { action_ref: 'demo.say' }))).toEqual([422, 'invalid-parameters']);
  expect(await problemOf(post('executions', {}))).toEqual([400, 'invalid-request']);
  expect(await problemOf(post('executions', { action_ref: 'demo.say', nonsense: 1 }))).toEqual([
    400,
    'invalid-request',
  ]);
  expect(await problemOf(whole.api('executions', { method: 'POST', body: '{' }))).toEqual([400, 'invalid-request']);
  expect(await problemOf(whole.api('executions/99999'))).toEqual([404, 'not-found']);
  expect(await problemOf(whole.api('executions/x'))).toEqual([400, 'invalid-request']);
  expect(await problemOf(whole.api('executions?limit=0'))).toEqual([400, 'invalid-request']);
  expect(await problemOf(whole.api('nothing'))).toEqual([404, 'not-found']);
  const large = { action_ref: 'demo.say', parameters: { text: 'x'.repeat(17 * 1024 * 1024) } };
  expect(await problemOf(post('executions', large))).toEqual([413, 'body-too-large']);
});

test('a body that reading would change, or that is nested too deeply, is refused before it is read', async () => {
  const send = (body: string): Promise<Response> => whole.api('executions', { method: 'POST', body });
  const request = (parameters: string): string => `{"action_ref":"demo.nap","parameters":${parameters}}`;
  for (const [parameters, sentence] of [
    ['{"n":12345678901234567890}', '12345678901234567890 would be changed to 12345678901234567000'],
    ['{"o":{"list":[1e400]}}', '1e400 is too large'],
    ['{"n":-0.0}', '-0.0 would be changed to 0'],
    ['{"o":[{"k":1,"k":2}]}', 'the key "k" is there twice in parameters.o[0]'],
    ['{"t":"\\u0000"}', 'cannot be stored'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'nested deeper than 100 levels'],
  ] as const) {
    const answer = await send(request(parameters));
    expect([answer.status, ((await answer.json()) as Answer).detail]).toEqual([400, expect.stringContaining(sentence)]);
  }
  const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  for (const type of ['application/JSON', 'Application/Json; charset=utf-8', ' APPLICATION/JSON ;x=y'])
    for (const [path, body, method] of [
      ['executions', request(`{"n":${nested}}`), 'POST'],
      ['executions', request('{"k":1,"k":2}'), 'POST'],
      ['keys', `{"value":${nested}}`, 'POST'],
      ['packs', '{"directory":"/nowhere","directory":"/tmp"}', 'POST'],
      ...['register', 'settle', 'logs'].map((name) => [`worker/${name}`, nested, 'POST'] as const),
    ] as const)
      expect([
        path,
        ...(await problemOf(whole.api(path, { method, headers: { 'content-type': type }, body: Buffer.from(body) }))),
      ]).toEqual([path, 400, 'invalid-request']);
  const latin = await whole.api('executions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(request('{"t":"\xe9"}'), 'latin1'),
  });
  expect([latin.status, ((await latin.json()) as Answer).detail]).toEqual([400, 'the body is not UTF-8']);
  const kept = (await (await send(request('{"n":9007199254740991,"x":0.1}'))).json()) as Answer;
  expect((await read(`executions/${kept.id}`))['parameters']).toEqual({ n: 9007199254740991, x: 0.1 });
  await post(`executions/${kept.id}/cancel`);
});

test('a request with an Idempotency-Key is made once', async () => {
  const once = (text: string) =>
    post('executions', { action_ref: 'demo.say', parameters: { text } }, { 'idempotency-key': 'key-1' });
  const answers = await Promise.all([1, 2, 3].map(() => once('a')));
  expect(answers.map((one) => one.status).toSorted()).toEqual([200, 200, 201]);
  const ids = await Promise.all(answers.map(async (one) => ((await one.json()) as Answer).id));
  expect(new Set(ids).size).toBe(1);
  expect(await problemOf(once('b'))).toEqual([409, 'idempotency-conflict']);
});

test('logs: ranges by offset and by Range, sizes, both streams', async () => {
  const id = await say('0123456789');
  await ended(id);
  const bytes = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await whole.api(`executions/${id}/logs/${path}`, { headers });
    return [answer.status, await answer.text(), answer.headers.get('content-range')] as const;
  };
  const text = '{"text":"0123456789"}\n\n';
  expect(await bytes('stdout')).toEqual([200, text, null]);
  expect(await bytes('stderr')).toEqual([200, 'error\n', null]);
  expect(await bytes('stdout?offset=9&limit=4')).toEqual([200, text.slice(9, 13), null]);
  expect(await bytes('stdout', { range: 'bytes=0-4' })).toEqual([206, text.slice(0, 5), `bytes 0-4/${text.length}`]);
  expect((await bytes('stdout', { range: 'bytes=-3' }))[1]).toBe(text.slice(-3));
  expect((await bytes('stdout', { range: 'bytes=500-' }))[0]).toBe(416);
  expect((await bytes('stdout?offset=1000'))[1]).toBe('');
  expect((await bytes('stdin'))[0]).toBe(400);
});

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly data: string; readonly stream: string };
}

/** The events of one connection, up to `most` of the log. */
async function events(id: number, lastId?: string, most = Number.POSITIVE_INFINITY): Promise<readonly Event[]> {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
  const answer = await whole.api(`executions/${id}/logs/stream`, { headers });
  const found: Event[] = [];
  let text = '';
  for await (const part of answer.body ?? []) {
    text += Buffer.from(part).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const event = { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? 'null') };
      found.push(event);
      if (found.filter((one) => one.event === 'log').length >= most) return found;
    }
  }
  return found;
}

/** Follows a log of 400 lines by one connection after another; returns how many it took. */
async function followAgain(id: number): Promise<number> {
  const text: string[] = [];
  let last: string | undefined;
  let connections = 0;
  for (let isOver = false; !isOver; connections++) {
    const seen = await events(id, last, 2);
    for (const one of seen.filter(({ event }) => event === 'log')) {
      text.push(Buffer.from(one.data.data, 'base64').toString());
      last = one.id;
    }
    isOver = seen.some(({ event }) => event === 'end');
  }
  expect(text.join('')).toBe(Array.from({ length: 400 }, (_, n) => `line ${n}\n`).join(''));
  return connections;
}

test('the log is followed live; a reader who comes again with the last id loses nothing and gets nothing twice', async () => {
  let id = 0;
  /* On a loaded machine the lines may come in few pieces. */
  await until('a log comes in several pieces', async () => {
    id = await submit({ action_ref: 'demo.count' });
    return (await followAgain(id)) > 2;
  });
  expect((await events(id)).map((one) => one.event)).toEqual(expect.arrayContaining(['log', 'status', 'end']));
  expect(await problemOf(whole.api(`executions/${id}/logs/stream`, { headers: { 'last-event-id': 'x' } }))).toEqual([
    400,
    'invalid-request',
  ]);
  expect(await problemOf(whole.api('executions/99999/logs/stream'))).toEqual([404, 'not-found']);
});

test('a pack comes as tar.gz or from a directory; one that is broken or leads out changes nothing', async () => {
  const send = (archive: string): Promise<Response> =>
    whole.api('packs', { method: 'POST', body: Bun.file(archive), headers: { 'content-type': 'application/gzip' } });
  const tar = (name: string, ...args: string[]): string => {
    const path = join(directory.path, `${name}.tgz`);
    const made = call(['tar', '-czf', path, ...args]);
    if (made.exitCode !== 0) throw new Error(made.stderr);
    return path;
  };
  directory.file('new/mail/pack.yaml', 'ref: mail\nversion: 2.0.0\nlabel: Mail\n');
  directory.file('new/mail/actions/send.yaml', 'entry_point: send.sh\n');
  directory.file('new/mail/actions/send.sh', 'echo sent');
  const root = join(directory.path, 'new');
  const installed = await send(tar('good', '-C', root, 'mail'));
  expect([installed.status, await installed.json()]).toMatchObject([
    201,
    { ref: 'mail', version: '2.0.0', actions: [{ ref: 'mail.send' }] },
  ]);
  const sent = await ended(await submit({ action_ref: 'mail.send' }));
  expect(sent).toMatchObject({ status: 'completed', result: { stdout: 'sent\n' } });
  const top = await send(tar('top', '-C', join(root, 'mail'), '.'));
  expect(top.status).toBe(201);
  const byDirectory = await post('packs', { directory: join(root, 'mail') });
  expect(byDirectory.status).toBe(201);
  expect(((await read('packs')) as unknown as { packs: { ref: string }[] }).packs.map((one) => one.ref)).toEqual([
    'demo',
    'mail',
  ]);

  directory.file('outside', 'x');
  mkdirSync(join(directory.path, 'bad'));
  symlinkSync('/etc/passwd', join(directory.path, 'bad/link'));
  const broken = [
    tar('traversal', '-P', '-C', root, '--transform', 's,^mail,../../evil,', 'mail'),
    tar('absolute', '-P', '-C', root, '--transform', 's,^mail,/tmp/evil,', 'mail'),
    tar('links', '-C', join(directory.path, 'bad'), 'link'),
    tar('no-pack', '-C', directory.path, 'outside'),
    join(directory.path, 'outside'),
  ];
  for (const archive of broken) expect(await problemOf(send(archive))).toEqual([422, 'invalid-pack']);
  expect(await problemOf(post('packs', { directory: '/nowhere' }))).toEqual([422, 'invalid-pack']);
  expect(await problemOf(post('packs', { directory: 'relative' }))).toEqual([400, 'invalid-request']);
  expect(readdirSync(join(directory.path, 'packs')).toSorted()).toEqual(['demo']);
  expect(call(['ls', '/tmp/evil']).exitCode).not.toBe(0);
});

test('workers are cordoned and released; runtimes name their versions and workers', async () => {
  const { workers } = (await read('workers')) as unknown as { workers: Answer[] };
  const [worker] = workers;
  expect(worker).toMatchObject({ name: data, alive: true, cordoned: false, runtimes: ['shell', 'python'] });
  const cordoned = await post(`workers/${worker?.id}/cordon`, { reason: 'repair' });
  expect(await cordoned.json()).toMatchObject({ cordoned: true, cordon_reason: 'repair' });
  expect(await (await post(`workers/${worker?.id}/uncordon`)).json()).toMatchObject({ cordoned: false });
  const { runtimes } = (await read('runtimes')) as unknown as { runtimes: Answer[] };
  const python = runtimes.find((one) => one['name'] === 'python');
  expect(python).toMatchObject({
    workers: [data],
    versions: expect.arrayContaining([{ version: expect.stringMatching(/^3\./), workers: [data] }]),
  });
  expect(await problemOf(post('workers/99/cordon', {}))).toEqual([404, 'not-found']);
  const remove = (id: unknown, query = '') => whole.api(`workers/${id}${query}`, { method: 'DELETE' });
  expect(await problemOf(remove(worker?.id))).toEqual([409, 'worker-in-use']);
  expect(await problemOf(remove(worker?.id, '?force=yes'))).toEqual([400, 'invalid-request']);
  expect(await problemOf(remove(99))).toEqual([404, 'not-found']);
});

test('keys are stored encrypted; their values never come back', async () => {
  const made = await post('keys', { name: 'password', value: 'hunter2' });
  expect([made.status, await made.json()]).toEqual([
    201,
    { ref: 'system.password', name: 'password', owner_type: 'system', owner: null },
  ]);
  await post('keys', { name: 'password', value: 'hunter3' });
  const text = await (await whole.api('keys')).text();
  expect(JSON.parse(text).keys).toHaveLength(1);
  expect(text).not.toContain('hunter');
  expect(await Bun.file(join(data, 'attune.db-wal')).text()).not.toContain('hunter');
  expect((await whole.api('keys/system.password', { method: 'DELETE' })).status).toBe(204);
  expect(await problemOf(whole.api('keys/system.password', { method: 'DELETE' }))).toEqual([404, 'not-found']);
  expect(await problemOf(post('keys', { name: 'x', owner_type: 'pack', value: 1 }))).toEqual([400, 'invalid-request']);
});

test('without a token nothing but health is open; each scope allows its own, a revoked token nothing', async () => {
  const token = (scope: string): string =>
    callAgent(['token', 'create', '--data', data, '--scope', scope, '--name', scope]).stdout.trim();
  const status = async (path: string, secret: string | undefined, init: RequestInit = {}): Promise<number> =>
    (await fetch(`${whole.url}/${path}`, secret === undefined ? init : withToken(secret, init))).status;
  const { paths } = (await read('openapi.json')) as unknown as {
    paths: Record<string, Record<string, { security?: unknown }>>;
  };
  const open: string[] = [];
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const answer = await status(path.slice(1).replaceAll(/\{\w+\}/g, '1'), undefined, {
        method: method.toUpperCase(),
      });
      if (answer !== 401) open.push(`${method} ${path} ${answer}`);
    }
  expect(open.toSorted()).toEqual([
    'get /api/v1/agent/bootstrap.sh 200',
    'get /api/v1/agent/info 200',
    'get /healthz 200',
    'get /readyz 200',
  ]);
  const reader = token('read');
  const submitter = token('submit');
  const body = JSON.stringify({ action_ref: 'demo.say', parameters: { text: 'x' } });
  const create = (secret: string) => status('api/v1/executions', secret, { method: 'POST', body });
  expect([await status('api/v1/executions', reader), await create(reader)]).toEqual([200, 403]);
  expect([await status('api/v1/executions', submitter), await create(submitter)]).toEqual([403, 201]);
  expect([await status('api/v1/keys', reader), await status('metrics', reader)]).toEqual([403, 200]);
  expect(await status('api/v1/executions', `${reader}x`)).toBe(401);
  const listed = JSON.parse(callAgent(['token', 'list', '--data', data, '--format', 'json']).stdout) as {
    tokens: { id: string; name: string }[];
  };
  expect(JSON.stringify(listed)).not.toContain('att_');
  const id = listed.tokens.find((one) => one.name === 'read')?.id ?? '';
  expect(callAgent(['token', 'revoke', id, '--data', data]).exitCode).toBe(0);
  expect(await status('api/v1/executions', reader)).toBe(401);
});

test('the audit log says who asked for which change, from where, and what came of it', async () => {
  const secret = callAgent(['token', 'create', '--data', data, '--scope', 'read', '--name', 'curious']).stdout.trim();
  const id = await say('audited');
  await whole.api(`executions/${id}/cancel`, { method: 'POST' });
  await fetch(`${whole.url}/api/v1/keys`, withToken(secret, { method: 'POST', body: '{}' }));
  const env = { ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN: whole.token ?? '', PATH: '/usr/bin:/bin' };
  const audit = (): string => callAgent(['audit', '--limit', '20', '-o', 'wide'], { env }).stdout;
  await until('the last is written', () => audit().includes('POST /keys'));
  expect(audit()).toMatch(/POST \/keys +- +403/);
  expect(audit()).toMatch(/curious +127\.0\.0\.1 +POST \/keys/);
  expect(audit()).toMatch(new RegExp(`POST /executions +execution ${id} +201`));
  expect(audit()).toMatch(new RegExp(`POST /executions/${id}/cancel +execution ${id} +202`));
  expect(audit()).toMatch(/local +- +token create +token \d+ \(read\) +200/);
  expect(audit()).not.toContain('GET ');
  expect((await fetch(`${whole.url}/api/v1/audit`, withToken(secret))).status).toBe(403);
});

test('figures for Prometheus, health, the document and the page', async () => {
  const metrics = await (await fetch(`${whole.url}/metrics`, withToken(whole.token))).text();
  for (const name of [
    'executions',
    'queue_depth',
    'claim_latency_seconds',
    'execution_duration_seconds',
    'worker_slots',
    'broker_reconnects_total',
    'executions_ended_total',
    'executions_finished_total',
    'queue_wait_seconds_bucket',
    'log_bytes',
    'http_requests_total',
  ])
    expect(metrics).toContain(`attune_${name}`);
  expect(metrics).toMatch(/attune_executions\{status="completed"\} [1-9]/);
  expect(await (await fetch(`${whole.url}/readyz`)).json()).toMatchObject({ status: 'ok', problems: [] });
  const document = (await read('openapi.json')) as unknown as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).length).toBeGreaterThan(20);
  const page = await fetch(`${whole.url}/`);
  const etag = page.headers.get('etag') ?? '';
  expect((await fetch(`${whole.url}/`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self';");
  for (const path of [
    '/api/v1/docs',
    '/assets/page.js',
    '/assets/page.css',
    '/assets/rapidoc.js',
    '/assets/preview.js',
  ])
    expect((await fetch(whole.url + path)).status).toBe(200);
});

test('too many requests are refused, and said when to come again', async () => {
  using other = temporaryDirectory();
  await using slow = await standalone(join(other.path, 'data'), { ATTUNE__SERVER__REQUESTS_PER_SECOND: '5' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => slow.api('workers')));
  const refused = answers.filter((one) => one.status === 429);
  for (const { headers } of answers) expect(headers.get('ratelimit-limit')).toBe('5');
  const left = answers.map(({ headers }) => Number(headers.get('ratelimit-remaining')));
  expect([Math.max(...left) <= 4, Math.min(...left)]).toEqual([true, 0]);
  expect(refused.length).toBeGreaterThan(5);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await problemOf(refused[1] ?? Response.error())).toEqual([429, 'too-many-requests']);
});

test('a token that is revoked gets nothing from a request that waits', async () => {
  const answer = await post('tokens', { name: 'leaving', scopes: ['read', 'submit'] });
  const made = (await answer.json()) as Answer & { readonly token: string };
  expect(answer.headers.get('location')).toBe(`/api/v1/tokens/${made.id}`);
  const { token: _, ...seen } = made;
  expect(await read(`tokens/${made.id}`)).toEqual(seen);
  expect(await problemOf(whole.api('tokens/99999'))).toEqual([404, 'not-found']);
  const { id, token: secret } = made;
  const nap = await submit({ action_ref: 'demo.nap' });
  await until('it runs', async () => (await read(`executions/${nap}`)).status === 'running');
  const at = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${whole.url}/api/v1/${path}`, withToken(secret, init));
  const body = JSON.stringify({ action_ref: 'demo.nap' });
  const waiting = [at(`executions/${nap}?wait=45`), at('executions?wait=45', { method: 'POST', body })];
  const naps = async (): Promise<readonly Answer[]> =>
    ((await read('executions?status=running&action_ref=demo.nap')) as unknown as { executions: Answer[] }).executions;
  await until('both run', async () => (await naps()).length === 2);
  expect((await whole.api(`tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
  for (const answer of waiting) expect(await problemOf(answer)).toEqual([401, 'invalid-token']);
  for (const { id: one } of await naps()) {
    await post(`executions/${one}/cancel`);
    await ended(one);
  }
});

function scheduleRows(): string {
  using database = new Database(join(data, 'attune.db'), { readonly: true });
  return JSON.stringify(database.query('SELECT parameters FROM schedule').all());
}

test('a request with two Host headers is refused', async () => {
  const { hostname, port } = new URL(whole.url);
  const answer = await new Promise<string>((resolve) => {
    let all = '';
    void Bun.connect({
      ...{ hostname, port: Number(port) },
      socket: {
        open: (socket) =>
          void socket.write('GET /healthz HTTP/1.1\r\nHost: one\r\nHost: other\r\nConnection: close\r\n\r\n'),
        data: (_, bytes) => {
          all += bytes.toString();
        },
        close: () => resolve(all),
      },
    });
  });
  expect(answer).toStartWith('HTTP/1.1 400 ');
  expect(answer).toContain('a request has one Host header');
});

test('what is secret of the parameters of a schedule is never shown, and the file of an action keeps none', async () => {
  const write = (parameter: string, schedule = ''): void => {
    directory.file('packs/later/pack.yaml', 'ref: later\nversion: 1.0.0\n');
    directory.file(
      'packs/later/actions/use.yaml',
      `entry_point: use.sh\nparameters: { pw: ${parameter} }\n${schedule}`,
    );
    directory.file('packs/later/actions/use.sh', 'true');
  };
  const asked = { action_ref: 'later.use', cron: '@yearly', parameters: { pw: 'plainvalue' } };
  write('{ type: string }');
  const made = (await (await post('schedules', asked)).json()) as Answer;
  expect(made['parameters']).toEqual(asked.parameters);
  const shown = async (): Promise<string> =>
    JSON.stringify([await read(`schedules/${made.id}`), await read('schedules')]);
  write('{ type: string, secret: true }');
  await until('the schema has changed', async () => {
    await post('executions', { action_ref: 'later.none' });
    return !(await shown()).includes('plainvalue');
  });
  expect((await read(`schedules/${made.id}`))['parameters']).toEqual({ pw: '********' });
  expect(await problemOf(post('schedules', { ...asked, name: 'other' }))).toEqual([422, 'invalid-parameters']);
  /* What is shown of a secret is no secret, whoever sends it. */
  const mask = { action_ref: 'later.use', parameters: { pw: '********' } };
  const why = 'later.use: pw: ******** is what is shown of a secret, not the secret';
  for (const answer of [
    await post('executions', mask),
    await post('schedules', { ...asked, ...mask, name: 'masked' }),
  ]) {
    expect(answer.status).toBe(422);
    const { detail, errors } = (await answer.json()) as Answer;
    expect(detail).toStartWith(why);
    expect(errors).toMatchObject([{ path: 'parameters.pw' }]);
  }
  const env = { ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN: whole.token ?? '' };
  const called = callAgent(['submit', 'later.use', '-p', 'pw=********'], { env });
  expect([called.exitCode === 0, called.stderr]).toEqual([false, expect.stringContaining(why)]);
  await until('its row is hidden', () => !scheduleRows().includes('plainvalue'), 120_000);
  write('{ type: string, secret: true, default: of-the-action }');
  await until('it has a default', async () => {
    const filled = await submit({ action_ref: 'later.use' });
    return JSON.stringify((await read(`executions/${filled}`))['parameters']) === '{"pw":"********"}';
  });
  expect((await post('schedules', { ...asked, name: 'by-default', parameters: {} })).status).toBe(201);
  write('{ type: string, secret: true }', 'schedule: { cron: "@daily", parameters: { pw: filesecret } }\n');
  const validated = callAgent(['packs', 'validate', join(directory.path, 'packs/later')]);
  expect([validated.exitCode, validated.stdout + validated.stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining('pw: a schedule keeps no secret parameters: store them as keys'),
  ]);
  expect(validated.exitCode).not.toBe(0);
  rmSync(join(directory.path, 'packs/later'), { recursive: true });
  await whole.api('packs/later', { method: 'DELETE' });
  expect((await read(`schedules/${made.id}`))['parameters']).toEqual({ pw: '********' });
  expect(await shown()).not.toContain('plainvalue');
  expect((await whole.api(`schedules/${made.id}`, { method: 'DELETE' })).status).toBe(204);
});

test('a secret parameter gets the value of a key that the request names, as far as its token may use that key', async () => {
  const make = (...args: string[]): string =>
    callAgent(['token', 'create', '--data', data, '--scope', 'read,submit', ...args]).stdout.trim();
  const [plain, confined] = [make('--name', 'asker'), make('--name', 'confined-asker', '--packs', 'demo')];
  for (const key of [
    { name: 'smtp', value: 'value-of-the-system' },
    { name: 'mail', value: 'value-of-the-pack', owner_type: 'pack', owner: 'demo' },
    { name: 'mail', value: 'value-of-others', owner_type: 'pack', owner: 'sample' },
  ])
    expect((await post('keys', key)).status).toBe(201);
  const ask = (token: string | undefined, pw: string, more: object = {}): Promise<Response> =>
    fetch(`${whole.url}/api/v1/executions?wait=45`, {
      ...withToken(token ?? whole.token ?? '', { method: 'POST', headers: { 'content-type': 'application/json' } }),
      body: JSON.stringify({ action_ref: 'demo.keyed', parameter_keys: { pw }, ...more }),
    });
  const digestOf = (pw: string): string => new Bun.CryptoHasher('sha256').update(`${pw}\n`).digest('hex');
  const seen = async (id: number): Promise<string> =>
    JSON.stringify(await read(`executions/${id}`)) +
    (await (await whole.api(`executions/${id}/logs/stderr`)).text()) +
    JSON.stringify(await read(`executions/${id}/secrets`));
  const ids = new Map<string, number>();
  for (const [token, ref, value] of [
    [undefined, 'system.smtp', 'value-of-the-system'],
    [undefined, 'pack.sample.mail', 'value-of-others'],
    [plain, 'pack.demo.mail', 'value-of-the-pack'],
    [confined, 'pack.demo.mail', 'value-of-the-pack'],
  ] as const) {
    const answer = (await (await ask(token, ref)).json()) as Answer;
    expect(answer).toMatchObject({ status: 'completed', parameters: { pw: '********' } });
    const shown = await seen(answer.id);
    expect(shown).toContain(digestOf(value));
    expect(shown).not.toContain(value);
    ids.set(ref, answer.id);
  }
  const refusal = async (answer: Promise<Response>): Promise<string> => {
    const got = (await (await answer).json()) as Answer;
    expect(got).toMatchObject({ status: 422, code: 'invalid-parameters' });
    return got.detail;
  };
  /* Whether there is such a key is for no one to learn who may not use it. */
  for (const token of [plain, confined])
    for (const ref of ['system.smtp', 'pack.sample.mail', 'system.none'])
      expect(await refusal(ask(token, ref))).toBe(
        `demo.keyed: parameter_keys.pw: there is no key '${ref}' of the action or its pack, and keys of others need the scope admin`,
      );
  expect(await refusal(ask(undefined, 'system.none'))).toContain(
    "there is no key 'system.none': attune-agent keys list",
  );
  expect(await refusal(ask(undefined, 'system.smtp', { parameters: { pw: 'x' } }))).toContain('give one of them');
  const open = { action_ref: 'demo.keyed', parameters: { pw: 'x' }, parameter_keys: { text: 'system.smtp' } };
  expect(await refusal(post('executions', open))).toContain('text: no secret parameter of the action (it has: pw)');
  const inline = { inline: { runtime: 'shell', code: 'true' }, parameter_keys: { pw: 'system.smtp' } };
  expect(await refusal(post('executions', inline))).toContain('only an action has secret parameters');
  /* Whoever repeats a request must be allowed to use its keys too. */
  const repeat = async (token: string, ref: string): Promise<Response> =>
    await fetch(`${whole.url}/api/v1/executions/${ids.get(ref)}/rerun?wait=45`, withToken(token, { method: 'POST' }));
  expect(await refusal(repeat(plain, 'system.smtp'))).toContain('keys of others need the scope admin');
  await post('keys', { name: 'mail', value: 'exchanged-value', owner_type: 'pack', owner: 'demo' });
  const again = (await (await repeat(plain, 'pack.demo.mail')).json()) as Answer;
  expect(await seen(again.id)).toContain(digestOf('exchanged-value'));
  const env = { ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN: whole.token ?? '', PATH: '/usr/bin:/bin' };
  const called = callAgent(['submit', 'demo.keyed', '--key', 'pw=system.smtp'], { env });
  expect([called.exitCode, called.stdout]).toEqual([0, expect.stringContaining(digestOf('value-of-the-system'))]);
  for (const [given, why] of [
    ['pw', '--key pw: expected PARAMETER=REF'],
    ['text=system.smtp', 'no secret parameter of the action'],
  ] as const) {
    const wrong = callAgent(['submit', 'demo.keyed', '--key', given], { env });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining(why)]);
  }
  const audit = (): string => callAgent(['audit', '--limit', '60', '-o', 'wide'], { env }).stdout;
  await until('the audit log has the last', () =>
    audit().includes(`POST /executions/${ids.get('pack.demo.mail')}/rerun`),
  );
  expect(audit()).toMatch(new RegExp(`execution ${ids.get('system.smtp')} with key system.smtp +201`));
  expect(audit()).toMatch(new RegExp(`execution ${again.id} with key pack.demo.mail +201`));
});
