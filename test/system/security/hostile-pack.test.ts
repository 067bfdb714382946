/** Packs that are made to harm, given to the API of the static file: none is installed, and nothing suffers. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
  'a symbolic link': [[evil, { name: 'actions', type: 'symlink', linkname: '/etc' }], 'only files may be in a pack'],
  'a hard link': [
    [evil, { name: 'actions/a.sh', type: 'link', linkname: '/etc/shadow' }],
    'only files may be in a pack',
  ],
  'a device': [[evil, { name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }], 'only files may be in a pack'],
  'a pipe': [[evil, { name: 'pipe', type: 'fifo' }], 'only files may be in a pack'],
  'the same file twice': [[evil, evil], 'EEXIST'],
  'a file in the place of a directory': [
    [evil, { name: 'actions', body: 'x' }, { name: 'actions/a.yaml', body: 'x' }],
    'actions',
  ],
  'a name that no file can have': [[evil, { name: 'n'.repeat(300), body: 'x' }], 'ENAMETOOLONG'],
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
    expect(await register(entries)).toEqual([422, expect.stringContaining(reason)]);
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
