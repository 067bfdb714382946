/** Backups as docs/deploy/backup.md makes them, restored for real. */
import { afterAll, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const server = sharedPostgres();
const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

/** A program of PostgreSQL's clients: of PATH, else where Debian keeps it. */
function program(name: string): string | undefined {
  const versions = call(['ls', '/usr/lib/postgresql']).stdout.split('\n').filter(Boolean);
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  return Bun.which(name) ?? Bun.which(name, { PATH: `/usr/lib/postgresql/${newest}/bin` }) ?? undefined;
}

const [dump, restore] = [program('pg_dump'), program('pg_restore')];

serversTest(
  'a dump of PostgreSQL, restored into another database, is a whole Attune that migrate leaves as it is',
  async () => {
    const [from, to] = [await server().createDatabase(), await server().createDatabase()];
    const attune = (url: string, ...args: readonly string[]) =>
      callAgent(args, { env: { ATTUNE__DATABASE__URL: url } });
    expect(attune(from, 'migrate').exitCode).toBe(0);
    const token = attune(from, 'token', 'create', '--name', 'ada', '--scope', 'admin').stdout;
    expect(attune(from, 'workers', 'assign', 'gpu-1', '--token', 'ada').exitCode).toBe(0);
    if (dump === undefined || restore === undefined) return; /* servers from elsewhere: no clients are here */
    const file = join(directory.path, 'attune.dump');
    const dumped = call([dump, '--format=custom', `--file=${file}`, from]);
    if (dumped.stderr.includes('server version mismatch')) return; /* a newer server than the clients */
    expect(dumped).toMatchObject({ exitCode: 0, stderr: '' });
    expect(call([restore, '--no-owner', `--dbname=${to}`, file])).toMatchObject({ exitCode: 0 });
    expect(attune(to, 'migrate')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('up to date') });
    const list = (url: string) => attune(url, 'token', 'list', '-o', 'json').stdout;
    expect(list(to)).toBe(list(from));
    expect(token).toStartWith('att_');
  },
);

test('a copy of the data directory, made while --standalone was stopped, is a whole Attune in another place', async () => {
  const data = join(directory.path, 'data');
  const first = await standalone(data);
  const request = { inline: { runtime: 'shell', code: 'echo kept' } };
  const id = await submit(first, request);
  first.child.kill('SIGTERM');
  await first.child.exited;
  expect(call(['tar', '-C', data, '-czf', join(directory.path, 'attune.tar.gz'), '.']).exitCode).toBe(0);
  const elsewhere = join(directory.path, 'elsewhere');
  expect(call(['mkdir', elsewhere]).exitCode).toBe(0);
  expect(call(['tar', '-C', elsewhere, '-xzf', join(directory.path, 'attune.tar.gz')]).exitCode).toBe(0);
  expect(readdirSync(elsewhere).toSorted()).toEqual(readdirSync(data).toSorted());
  await using second = await standalone(elsewhere, {}, { token: first.token });
  expect(await (await second.api(`executions/${id}/logs/stdout`)).text()).toBe('kept\n');
  expect(await submit(second, request)).toBeGreaterThan(id);
}, 120_000);

/** Requests an execution, waits for its end, and returns its number. */
async function submit(whole: Standalone, request: unknown): Promise<number> {
  const made = await whole.api('executions', { method: 'POST', body: JSON.stringify(request) });
  const { id } = (await made.json()) as { id: number };
  const log = await (await whole.api(`executions/${id}/logs/stream`)).text();
  expect(log).toContain('"status":"completed"');
  return id;
}
