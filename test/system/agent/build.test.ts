import { expect, test } from 'bun:test';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PT } from '#formats/elf-layout.ts';
import { bundle } from '#static-linker/bundle.ts';
import { hex, PF, readElf } from '#static-linker/elf.ts';
import { machineOf } from '#static-linker/machines.ts';
import { merge } from '#static-linker/merge.ts';
import { readProgram } from '#static-linker/program.ts';
import { linkRuntimeImage } from '#static-linker/runtime-image.ts';
import { findToolchain } from '#static-linker/toolchain.ts';
import { verifyStatic } from '#static-linker/verify.ts';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('the agent passes the verification, and its map of segments is as designed', () => {
  const bytes = new Uint8Array(readFileSync(agentFile));
  verifyStatic(bytes);
  const elf = readElf(bytes, 'agent');
  const loads = elf.segments.filter((s) => s.type === PT.LOAD);
  expect(loads.map((s) => s.flags)).toEqual([
    PF.R,
    PF.R | PF.X,
    PF.R | PF.W,
    PF.R /* the bundle */,
    PF.R,
    PF.R | PF.X,
    PF.R,
    PF.R | PF.W,
    PF.R,
  ]);
  const self = elf.segments.find((s) => s.type === PT.PHDR);
  const tls = elf.segments.find((s) => s.type === PT.TLS);
  expect({
    phdr: hex(self?.offset ?? 0),
    inFirstMapping: (self?.offset ?? Infinity) < (loads[0]?.fileBytes ?? 0),
  }).toMatchObject({ inFirstMapping: true });
  expect(tls?.fileBytes).toBeLessThanOrEqual(tls?.memoryBytes ?? 0);
});

test('two builds of one commit in two places are byte for byte the same', () => {
  using elsewhere = temporaryDirectory();
  const copy = join(elsewhere.path, 'another/place');
  for (const name of ['src', 'package.json', 'tsconfig.json', 'bun.lock', 'patches', '.ci/bun.sha256'])
    cpSync(join(projectRoot, name), join(copy, name), { recursive: true });
  const installed = call([process.execPath, 'install', '--frozen-lockfile', '--production'], { cwd: copy });
  if (installed.exitCode !== 0) throw new Error(installed.stderr);
  const build = (directory: string, name: string): string => {
    const out = join(elsewhere.path, name, 'attune-agent');
    const built = call([process.execPath, join(directory, 'src/static-linker/main.ts'), '--out', out], {
      env: { ...process.env, ATTUNE_COMMIT: 'one' } as Record<string, string>,
    });
    if (built.exitCode !== 0) throw new Error(built.stderr);
    return new Bun.CryptoHasher('sha256').update(readFileSync(out)).digest('hex');
  };
  expect(build(projectRoot, 'a')).toBe(build(copy, 'b'));
}, 120_000);

test('the stack trace of a crash names source file and line, though the bundle is minified', async () => {
  using directory = temporaryDirectory();
  const source = [
    'export function explode(): never {',
    '  // a comment',
    "  throw new Error('boom');",
    '}',
    'explode();',
    '',
  ].join('\n');
  const machine = machineOf(62, 'test');
  const bundled = await bundle(directory.file('crash.ts', source), join(directory.path, 'crash'), {
    machine,
    commit: 'none',
    bill: '{}',
    hasFaults: false,
  });
  const program = readProgram(bundled.program, 'crash');
  const file = directory.file('crash', merge(program, linkRuntimeImage(program, findToolchain(machine))), 0o755);
  const ran = call([file], { env: {} });
  expect(ran.exitCode).toBe(1);
  expect(ran.stderr).toContain('boom');
  expect(ran.stderr).toMatch(/explode \(.*crash\.ts:3/);
}, 120_000);

test('what the runtime gives, works: timers, fetch, server, DNS, workers, children, SQLite', async () => {
  using directory = temporaryDirectory();
  const source = `
import { Database } from 'bun:sqlite';
import { lookup } from 'node:dns/promises';
await Bun.sleep(5);
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('served') });
const fetched = await (await fetch(server.url)).text();
server.stop(true);
const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(6 * 7)'])));
const answer = await new Promise((resolve) => worker.addEventListener('message', (event) => resolve(event.data)));
worker.terminate();
const database = new Database(':memory:');
const sum = database.query('select 1 + 2 as sum').get();
const child = Bun.spawnSync(['/bin/echo', 'spawned']).stdout.toString().trim();
const address = (await lookup('localhost')).address;
console.log(JSON.stringify({ fetched, answer, sum, child, local: address === '127.0.0.1' || address === '::1', float: Math.hypot(3, 4).toFixed(2), date: new Date(0).toISOString() }));
process.exit(0);
`;
  const machine = machineOf(62, 'test');
  const wrapped = `async function main() {\n${source.replaceAll(/^import .*$/gm, '')}\n}\nmain();`;
  const imports = source.match(/^import .*$/gm)?.join('\n') ?? '';
  const bundled = await bundle(directory.file('all.ts', `${imports}\n${wrapped}`), join(directory.path, 'all'), {
    machine,
    commit: 'none',
    bill: '{}',
    hasFaults: false,
  });
  const program = readProgram(bundled.program, 'all');
  const file = directory.file('all', merge(program, linkRuntimeImage(program, findToolchain(machine))), 0o755);
  const ran = call([file], { env: {} });
  expect(JSON.parse(ran.stdout)).toEqual({
    fetched: 'served',
    answer: 42,
    sum: { sum: 3 },
    child: 'spawned',
    local: true,
    float: '5.00',
    date: '1970-01-01T00:00:00.000Z',
  });
}, 120_000);
