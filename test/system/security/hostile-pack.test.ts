/** Packs that are made to harm, given to the API of the static file: none is installed, and nothing suffers. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack as createTar, type Header } from 'tar-stream';
import { isFinal } from '#domain/execution-status.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { eventually } from '#test/support/until.ts';

const directory = temporaryDirectory();
const packs = join(directory.path, 'packs');
let whole: Standalone;

beforeAll(async () => {
  directory.file('packs/good/pack.yaml', 'ref: good\nversion: 1.0.0\n');
  directory.file('packs/good/actions/say.yaml', 'entry_point: say.sh\n');
  directory.file('packs/good/actions/say.sh', 'echo well');
  whole = await standalone(join(directory.path, 'data'), { ATTUNE_PACKS_DIR: packs });
}, 120_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

type Entry = Partial<Header> & { readonly name: string; readonly body?: string | Buffer };

async function archive(entries: readonly Entry[]): Promise<Buffer> {
  const tar = createTar();
  for (const { body = '', ...header } of entries) tar.entry(header, body);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 1 });
}

const yaml = (body: string): Entry => ({ name: 'pack.yaml', body });
const evil = yaml('ref: evil\nversion: 1.0.0\n');
const action = (body: string): readonly Entry[] => [
  evil,
  { name: 'actions/a.yaml', body },
  { name: 'actions/a.sh', body: 'echo hi', mode: 0o6755 },
];

/** Whether it was taken (201), or why not. */
async function register(entries: readonly Entry[] | Buffer): Promise<readonly [number, string]> {
  const body = Buffer.isBuffer(entries) ? entries : await archive(entries);
  const response = await whole.api('packs', { method: 'POST', headers: { 'content-type': 'application/gzip' }, body });
  const answer = (await response.json()) as { readonly detail?: string };
  return [response.status, answer.detail ?? ''];
}

const laughs = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(',')}]`).join('\n')}\n`;
const outside = '/tmp/attune-hostile-pack';

const hostile: Readonly<Record<string, readonly [readonly Entry[], string]>> = {
  'a path upwards': [[evil, { name: '../../outside', body: 'x' }], 'leads out of the pack'],
  'a path upwards in the middle': [[evil, { name: 'actions/../../../outside', body: 'x' }], 'leads out of the pack'],
  'an absolute path': [[evil, { name: `${outside}/x`, body: 'x' }], 'leads out of the pack'],
  'the same file twice': [[evil, evil], 'pack.yaml: file already exists'],
  'a file in the place of a directory': [
    [evil, { name: 'actions', body: 'x' }, { name: 'actions/a.yaml', body: 'x' }],
    'actions',
  ],
  'a name that no file can have': [[evil, { name: 'n'.repeat(300), body: 'x' }], 'nnn: name too long'],
  'a path without end': [[evil, { name: 'n/'.repeat(100_000), body: 'x' }], 'more than 1024 characters'],
  'a pattern of files without end': [
    [...action('entry_point: a.sh\n'), { name: '.gitignore', body: `x\n${'**/*a'.repeat(1000)}\n` }],
    '.gitignore:2: the pattern has more than 256 characters',
  ],
  'patterns of files without end': [
    [...action('entry_point: a.sh\n'), { name: '.attuneignore', body: '*a\n'.repeat(1001) }],
    '.attuneignore:1001: there are more than 1000 patterns',
  ],
  'patterns of files that are far too much': [
    [...action('entry_point: a.sh\n'), { name: '.attuneignore', body: `${'**/*a'.repeat(50)}\n`.repeat(100_000) }],
    '.attuneignore: is larger than 32768 bytes',
  ],
  'a directory in place of patterns': [
    [...action('entry_point: a.sh\n'), { name: '.attuneignore/a', body: 'x' }],
    '.attuneignore: expected a file',
  ],
  'a runtime without end': [action(`entry_point: a.sh\nrunner_type: ${'r'.repeat(900_000)}\n`), 'runner_type: '],
  'a type without end': [
    action(`entry_point: a.sh\nparameters: { p: { type: ${'t'.repeat(900_000)} } }\n`),
    'parameters.p',
  ],
  'a key without end': [action(`entry_point: a.sh\n? ${'k'.repeat(900_000)}\n: x\n`), 'a.yaml'],
  'keys without end': [
    action(`entry_point: a.sh\n${Array.from({ length: 5000 }, (_, n) => `k${n}: 1\n`).join('')}`),
    'characters) …',
  ],
  'a tag without end': [action(`entry_point: !${'t'.repeat(900_000)} a.sh\n`), 'a.yaml'],
  'a bomb of aliases': [[yaml(`ref: evil\n${laughs}`)], 'pack.yaml'],
  'depth without end': [[yaml(`ref: evil\nx: ${'['.repeat(100_000)}`)], 'pack.yaml'],
  'an endless scalar': [[yaml(`ref: evil\nx: ${'y'.repeat(30_000_000)}`)], 'pack.yaml'],
  'bytes that are no text': [[{ name: 'pack.yaml', body: Buffer.from([0xff, 0xfe, 0x00, 0x72]) }], 'pack.yaml'],
  'a ref that is a path': [[yaml('ref: ../../evil\n')], 'ref'],
  'a ref of two lines': [[yaml('ref: "evil\\nvil"\n')], 'ref'],
  'an action of another pack': [action('ref: good.say\nentry_point: a.sh\n'), "expected 'evil.a'"],
  'a script outside': [action('entry_point: ../../../../etc/passwd\n'), 'leads out of the pack'],
  'the rights of an admin': [action('entry_point: a.sh\napi_scopes: [admin]\n'), 'api_scopes'],
  'the rights of a worker': [action('entry_point: a.sh\napi_scopes: [read, worker]\n'), 'api_scopes'],
  'a pattern with a look-around': [
    action('entry_point: a.sh\nparameters: { p: { type: string, pattern: "(?=a)b" } }\n'),
    'bounded time',
  ],
  'a runtime of another pack': [
    [evil, { name: 'runtimes/p.yaml', body: 'ref: core.python\nname: python\n' }],
    "expected 'evil.…'",
  ],
  'a manifest upwards': [
    [
      evil,
      {
        name: 'runtimes/p.yaml',
        body: 'name: python\nexecution_config: { dependencies: { manifest_file: ../../x, install_command: [sh] } }\n',
      },
    ],
    'manifest_file',
  ],
};

for (const [what, [entries, reason]] of Object.entries(hostile))
  test(`refused: ${what}`, async () => {
    const [status, detail] = await register(entries);
    expect([status, detail]).toEqual([422, expect.stringContaining(reason)]);
    expect(detail.length).toBeLessThan(25_000);
    expect(readdirSync(packs)).toEqual(['good']);
    expect(existsSync(outside)).toBe(false);
  });

test('refused: what is no archive, half of one, and far too much', async () => {
  const whole = await archive(action('entry_point: a.sh\n'));
  expect((await register(Buffer.from('no archive')))[0]).toBe(422);
  expect((await register(whole.subarray(0, whole.length / 2)))[0]).toBe(422);
  expect((await register(gzipSync(Buffer.alloc(1024))))[0]).toBe(422);
  const bomb = gzipSync(Buffer.alloc(700 * 1024 * 1024), { level: 1 });
  expect(await register(bomb)).toEqual([422, expect.stringContaining('the pack was not installed')]);
  expect(readdirSync(packs)).toEqual(['good']);
}, 120_000);

test('links out of an archive, devices and pipes are left out', async () => {
  const special: readonly Entry[] = [
    { name: 'actions', type: 'symlink', linkname: '/etc' },
    { name: 'up', type: 'symlink', linkname: '../../good/pack.yaml' },
    { name: 'hard', type: 'link', linkname: '/etc/shadow' },
    { name: 'round', type: 'symlink', linkname: 'round' },
    { name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 },
    { name: 'pipe', type: 'fifo' },
  ];
  expect(await register([evil, ...special])).toEqual([201, '']);
  expect(readdirSync(join(directory.path, 'data/packs/evil'))).toEqual(['pack.yaml']);
  expect(
    await register([evil, { name: 'actions', type: 'symlink', linkname: '/etc' }, { name: 'actions/x', body: 'x' }]),
  ).toEqual([201, '']);
  expect(lstatSync(join(directory.path, 'data/packs/evil/actions')).isDirectory()).toBe(true);
});

test('what is installed has no bits of set-user-id, and its pattern holds nobody up', async () => {
  const backtracking = 'entry_point: a.sh\nparameters: { p: { type: string, pattern: "^(a+)+$" } }\n';
  expect(await register(action(backtracking))).toEqual([201, '']);
  expect(statSync(join(directory.path, 'data/packs/evil/actions/a.sh')).mode & 0o7777).toBe(0o755);
  const parameters = { p: `${'a'.repeat(60)}!` };
  const refused = await whole.api('executions', {
    method: 'POST',
    body: JSON.stringify({ action_ref: 'evil.a', parameters }),
  });
  expect(refused.status).toBe(422);
}, 120_000);

test('patterns of files that would make a search without end hold nobody up', async () => {
  const patterns = `${'*a'.repeat(12)}z\n${`**/*a${'*a'.repeat(100)}z\n`.repeat(50)}`;
  const names = ['a'.repeat(60), `${`${'a'.repeat(200)}/`.repeat(5)}a`];
  for (const name of ['.gitignore', '.attuneignore']) {
    const files = [{ name, body: patterns }, ...names.map((one) => ({ name: one, body: 'x' }))];
    expect(await register([...action('entry_point: a.sh\n'), ...files])).toEqual([201, '']);
  }
  expect((await whole.api('packs/evil/archive')).status).toBe(200);
}, 120_000);

test('a pack that is there already with such patterns is named as broken, and holds nobody up', async () => {
  const broken = async (): Promise<string> => await (await whole.api('packs')).text();
  const patterns = directory.file('packs/there/.attuneignore', `${'**/*a'.repeat(100)}z\n`);
  directory.file('packs/there/actions/say.yaml', 'entry_point: say.sh\n');
  directory.file('packs/there/actions/say.sh', 'echo well');
  directory.file('packs/there/pack.yaml', 'ref: there\nversion: 1.0.0\n');
  await eventually('it is broken', broken, (text) => text.includes(`${patterns}:1: the pattern has more than 256`));
  directory.file('packs/there/.attuneignore', '*a\n');
  await eventually('it is mended', broken, (text) => !text.includes('the pattern has more'));
  expect((await whole.api('packs/there')).status).toBe(200);
}, 120_000);

test('files of a pack that are too large or have no end are named, and not read', async () => {
  const broken = async (): Promise<string> => await (await whole.api('packs')).text();
  truncateSync(directory.file('packs/endless/actions/large.yaml', 'entry_point: a.sh\n'), 2 ** 21);
  Bun.spawnSync(['mkfifo', join(packs, 'endless/actions/pipe.yaml')]);
  symlinkSync('/dev/zero', join(packs, 'endless/actions/zero.yaml'));
  directory.file('packs/endless/pack.yaml', 'ref: endless\nversion: 1.0.0\n');
  const said = await eventually('it is broken', broken, (text) => text.includes('large.yaml'));
  expect(said).toContain('large.yaml: larger than 1048576 bytes');
  expect(said).toContain('pipe.yaml cannot be read: expected a file');
  rmSync(join(packs, 'endless'), { recursive: true });
  await eventually('it is gone', broken, (text) => !text.includes('large.yaml'));
}, 120_000);

test('a pack whose files would be read without an end is broken, and others are served', async () => {
  directory.file('packs/vast/pack.yaml', 'ref: vast\nversion: 1.0.0\n');
  directory.file('packs/vast/actions/say.yaml', 'entry_point: say.sh\n');
  truncateSync(directory.file('packs/vast/actions/say.sh', 'echo'), 2 ** 40);
  const listed = async (): Promise<string> => await (await whole.api('packs')).text();
  expect(await eventually('it is broken', listed, (text) => text.includes('say.sh'))).toContain(
    'say.sh: with its 1099511627776 bytes the pack is larger than 536870912 bytes: leave files out by .attuneignore',
  );
  rmSync(join(packs, 'vast'), { recursive: true });
  await eventually('it is gone', listed, (text) => !text.includes('vast'));
}, 120_000);

test('the server that was given all this works as before', async () => {
  const made = await whole.api('executions', {
    method: 'POST',
    body: JSON.stringify({ action_ref: 'good.say', parameters: {} }),
  });
  const { id } = (await made.json()) as { readonly id: number };
  const status = async (): Promise<string> =>
    ((await (await whole.api(`executions/${id}`)).json()) as { readonly status: string }).status;
  expect(await eventually('the execution ends', status, isFinal)).toBe('completed');
  const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${whole.child.pid}/status`, 'utf8'))?.[1];
  expect(Number(peak)).toBeLessThan(1_000_000);
}, 120_000);
