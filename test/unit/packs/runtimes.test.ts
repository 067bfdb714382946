import { expect, test } from 'bun:test';
import { families, findFamily } from '#domain/families.ts';
import type { ExecutionConfig } from '#domain/runtime.ts';
import { loadAction, loadPacks } from '#packs/load-action.ts';
import { configFor, isWanted } from '#packs/runtimes.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

function runtimeOf(runtime: string, action = 'runner_type: special\n') {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  directory.file('demo/runtimes/special.yaml', runtime);
  directory.file('demo/actions/go.yaml', `entry_point: go.sh\n${action}`);
  const loaded = loadAction(directory.path, 'demo.go');
  return loaded.ok ? loaded.value.runtime : loaded.error.message;
}

test('a runtime of a pack builds on a family: by its name, an alias, or its interpreter', () => {
  const config = { execution_config: {}, versions: [] };
  const expected = (name: string) => ({ ref: 'demo.special', name, config });
  expect(runtimeOf('name: special\naliases: [python3]\n')).toEqual(expected('python'));
  expect(runtimeOf('name: special\nref: demo.special\naliases: [PYTHON]\n')).toEqual(expected('python'));
  expect(
    runtimeOf('name: special\nexecution_config: { interpreter: { binary: /usr/bin/python3.12 } }\n'),
  ).toMatchObject({
    name: 'python',
  });
  expect(runtimeOf('name: Node\n', 'runner_type: nodejs\n')).toEqual({ ref: 'demo.node', name: 'node', config });
  expect(runtimeOf('name: Node\n', 'runner_type: python3\n')).toEqual({
    ref: 'core.python',
    name: 'python',
    config: undefined,
  });
});

test('a runtime that is wrong is a problem of its pack, which names the file and the field', () => {
  expect(runtimeOf('name: cobol\n')).toMatch(
    /runtimes\/special\.yaml:1:7: name: it builds on no runtime that the agent knows: give it the alias of one \(shell, /,
  );
  expect(runtimeOf('name: python\nref: other.python\n')).toContain("ref: is 'other.python', expected 'demo.…'");
  expect(runtimeOf('name: python\nversions: [{ version: new }]\n')).toContain("'new' is no version");
  expect(runtimeOf('name: python\nexecution_config: { env_vars: { "a b": x } }\n')).toContain(
    'execution_config.env_vars',
  );
  expect(
    runtimeOf('name: python\nexecution_config: { dependencies: { manifest_file: ../x, install_command: [a] } }\n'),
  ).toContain('manifest_file');
  expect(runtimeOf('name: python\n', 'runtime_version: newest\n')).toContain(
    "runtime_version: 'newest' is no version constraint",
  );
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  directory.file('demo/runtimes/x.yaml', '[]');
  expect(loadPacks(directory.path).problems.map((one) => one.message)).toEqual([
    expect.stringContaining('runtimes/x.yaml'),
  ]);
});

test('everything that is wrong with all runtimes of a pack is said at once', () => {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  directory.file(
    'demo/runtimes/a.yaml',
    `ref: other.a
name: cobol
lable: x
execution_config:
  interpreter: { args: ['{env_dri}', '{other}', '\${interpreters}'] }
  environment: { create_command: [] }
  env_vars: { A: { value: '{PACK_DIR}/x' } }
versions:
  - { version: kiwi }
  - { version: '>=3,<2', execution_config: { interpreter: { binary: '{env}/python' } } }
`,
  );
  directory.file('demo/runtimes/b.yaml', 'name: python\nversions: [{ version: new }]\n');
  const flaws = loadPacks(directory.path).problems.flatMap((one) => one.message.split(/; (?=\/)/));
  expect(flaws.map((one) => one.replace(/^.*\/runtimes\//, '').replace(/:\d+:\d+/, ''))).toEqual([
    'a.yaml: execution_config.environment.create_command: expected a command, or left out: install_command then makes the environment',
    'a.yaml: lable: unknown key; did you mean label?',
    "a.yaml: ref: is 'other.a', expected 'demo.…'",
    expect.stringContaining('a.yaml: name: it builds on no runtime'),
    'a.yaml: execution_config.interpreter.args.0: nothing fills in {env_dri}; did you mean {env_dir}?',
    'a.yaml: execution_config.env_vars.A.value: nothing fills in {PACK_DIR}; did you mean {pack_dir}?',
    expect.stringContaining("a.yaml: versions.0.version: 'kiwi' is no version constraint"),
    "a.yaml: versions.1.version: no version satisfies '>=3,<2'",
    'a.yaml: versions.1.execution_config.interpreter.binary: nothing fills in {env}; did you mean {env_dir}?',
    expect.stringContaining("b.yaml: versions.0.version: 'new' is no version constraint"),
  ]);
});

function configOf(column: unknown, version: string | undefined): ExecutionConfig | undefined {
  const config = configFor(column, version);
  if (!config.ok) throw new Error(config.error);
  return config.value;
}

test('what a runtime says for a version takes the place of what it says for all', () => {
  const column = {
    execution_config: { env_vars: { A: 'all', B: 'b' }, interpreter: { args: ['-B'] } },
    versions: [
      { version: '3.12', execution_config: { env_vars: { A: '3.12' } } },
      { version: '>=3.9', execution_config: { env_vars: { A: 'newer' } } },
    ],
  };
  const variables = (version: string | undefined) => configOf(column, version)?.env_vars;
  expect([variables('3.12.4'), variables('3.11.0'), variables('3.6'), variables(undefined)]).toEqual([
    { A: '3.12', B: 'b' },
    { A: 'newer', B: 'b' },
    { A: 'all', B: 'b' },
    { A: 'all', B: 'b' },
  ]);
  expect(configOf(column, '3.12.4')?.interpreter).toEqual({ args: ['-B'] });
});

test('rows of other origin may lack what they like and have more than is known; what is malformed is an error', () => {
  for (const column of [null, undefined, 'text', [], {}, { execution_config: null }])
    expect(configOf(column, '1')).toBeUndefined();
  const environment = { create_command: ['python3', '-m', 'venv'], interpreter_path: null, dir_name: null };
  expect(configOf({ execution_config: { env_vars: { A: 'x' }, environment, more: 1 }, versions: null }, '1')).toEqual({
    env_vars: { A: 'x' },
    environment: { create_command: ['python3', '-m', 'venv'] },
  });
  expect(configFor({ execution_config: { interpreter: 7 } }, '1')).toMatchObject({
    error: expect.stringContaining('execution_config: interpreter'),
  });
  const versions = [{ version: '3.12', execution_config: { env_vars: { A: 7 } } }];
  expect(configFor({ execution_config: {}, versions }, '3.12.1')).toMatchObject({
    error: expect.stringContaining('version 3.12: execution_config: env_vars.A'),
  });
});

test('one of the usual names of a family stands for all of its interpreters, another for itself', () => {
  const shell = findFamily('shell') ?? families[0];
  const python = findFamily('python') ?? families[0];
  if (!(shell && python)) throw new Error('no families');
  const at = (path: string, realPath = path) => ({ path, realPath });
  const wants = (binary: string) => ({ interpreter: { binary } });
  expect(isWanted(wants('/bin/bash'), shell, at('/bin/sh'))).toBe(true);
  expect(isWanted(undefined, shell, at('/bin/sh'))).toBe(true);
  expect(isWanted(wants('python3.12'), python, at('/usr/bin/python3', '/usr/bin/python3.12'))).toBe(true);
  expect(isWanted(wants('python3.12'), python, at('/usr/bin/python3'))).toBe(false);
  expect(isWanted(wants('/usr/bin/python3.12'), python, at('/usr/bin/python3', '/usr/bin/python3.12'))).toBe(true);
  expect(isWanted(wants('/opt/pypy/bin/pypy3'), python, at('/usr/bin/python3'))).toBe(false);
});
