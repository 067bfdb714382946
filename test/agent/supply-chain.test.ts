/** What the file is made of, and that it is made of nothing else: the same source makes the same bytes, wherever it lies. */
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { agentFile, callAgent } from '../support/agent.ts';
import { call } from '../support/call.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const root = resolve(import.meta.dir, '../..');

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version?: string;
    readonly licenses: readonly object[];
  }[];
}

test('the bill of materials is CycloneDX, names all that is in it, and every licence', async () => {
  const { stdout } = callAgent(['licenses', '--format', 'json']);
  expect(readFileSync(`${agentFile}.cdx.json`, 'utf8')).toBe(stdout);
  const bill = JSON.parse(stdout) as Bill;
  const names = bill.components.map(({ name }) => name);
  const { dependencies, devDependencies } = (await Bun.file(join(root, 'package.json')).json()) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  for (const name of [...Object.keys(dependencies), 'bun', 'musl', 'libstdc++']) expect(names).toContain(name);
  for (const name of ['typescript', '@biomejs/biome']) expect(Object.keys(devDependencies)).toContain(name);
  expect(names).not.toContain('typescript');
  for (const one of bill.components) expect(one.licenses, one.name).not.toEqual([{ license: { id: 'NOASSERTION' } }]);
  const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(stdout);
  expect(problem).toBeNull();
});

test('licenses: a line for each, and their texts', () => {
  const { stdout } = callAgent(['licenses', '--texts']);
  expect(stdout).toMatch(/^postgres +3\.\d+\.\d+ +Unlicense$/m);
  expect(stdout).toContain('---- zod');
  expect(stdout).toContain('Permission is hereby granted');
});

test('the same source in another directory makes the same bytes', () => {
  using place = temporaryDirectory();
  const copy = join(place.path, 'somewhere/else');
  mkdirSync(copy, { recursive: true });
  for (const name of ['src', 'package.json', 'bun.lock', 'tsconfig.json'])
    call(['cp', '-r', join(root, name), join(copy, name)]);
  call(['cp', '-a', '-l', join(root, 'node_modules'), join(copy, 'node_modules')]);
  const [, commit = ''] = /\(([^,]+),/.exec(callAgent(['--version']).stdout) ?? [];
  const out = join(place.path, 'attune-agent');
  const machine = agentFile.endsWith('aarch64') ? 'aarch64' : 'x86_64';
  const built = call(['bun', join(copy, 'src/link/main.ts'), '--arch', machine, '--out', out], {
    env: { ...process.env, ATTUNE_COMMIT: commit } as Record<string, string>,
  });
  expect(built.stderr).toBe('');
  expect(existsSync(out)).toBe(true);
  const sum = (path: string): string => new Bun.CryptoHasher('sha256').update(readFileSync(path)).digest('hex');
  expect(sum(out)).toBe(sum(agentFile));
}, 120_000);
