/** Variables that the runtime inside the static file would read: they are for the actions, if for anybody. */
import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const variables: Readonly<Record<string, string>> = {
  BUN_BE_BUN: '1',
  BUN_OPTIONS: '--version',
  BUN_JSC_dumpOptions: '1',
  BUN_JSC_noSuchOption: 'nonsense',
  BUN_INSPECT: 'ws://127.0.0.1:1/x?wait=1',
  BUN_INSPECT_CONNECT_TO: 'ws://127.0.0.1:1/x',
  BUN_INSPECT_PRELOAD: '/no/such/file.js',
  BUN_CONFIG_VERBOSE_FETCH: 'curl',
  BUN_GARBAGE_COLLECTOR_LEVEL: '2',
  BUN_FEATURE_FLAG_SYNTHETIC_MEMORY_LIMIT: '1',
  NODE_OPTIONS: '--require /no/such/file.js',
  NODE_CHANNEL_FD: '9',
  NODE_DEBUG: 'fs,net',
  NODE_V8_COVERAGE: '/no/such/directory',
  JSC_dumpOptions: '1',
  MIMALLOC_VERBOSE: '1',
  MI_VERBOSE: '1',
  SIMDUTF_FORCE_IMPLEMENTATION: 'none',
  UV_THREADPOOL_SIZE: '0',
};

const PATH = '/usr/bin:/bin';
const version = callAgent(['--version'], { env: { PATH } });

test.each(Object.entries(variables))('%s=%s changes nothing of what the agent is', (name, value) => {
  expect(callAgent(['--version'], { env: { PATH, [name]: value } })).toEqual({
    exitCode: 0,
    signal: undefined,
    stdout: version.stdout,
    stderr: '',
  });
});

test('all of them at once, and supervised: the same', () => {
  expect(callAgent(['--version'], { env: { PATH, ...variables, ATTUNE_SUPERVISE: '1' } })).toEqual(version);
});

test('no file that BUN_INSPECT_PRELOAD names is run, nor one that NODE_OPTIONS or BUN_OPTIONS names', () => {
  using directory = temporaryDirectory();
  const proof = join(directory.path, 'proof');
  const preload = directory.file('preload.js', `require('fs').writeFileSync(${JSON.stringify(proof)}, '')`);
  const script = directory.file('a.sh', 'echo here\n');
  const options = { BUN_INSPECT_PRELOAD: preload, NODE_OPTIONS: `-r ${preload}`, BUN_OPTIONS: `--preload ${preload}` };
  expect(callAgent(['run', script], { env: { PATH, ...options } })).toMatchObject({ exitCode: 0, stdout: 'here\n' });
  expect(existsSync(proof)).toBe(false);
});

/** Names that a program finds in its environment. */
function namesSeenBy(script: string, env: Readonly<Record<string, string>>): readonly string[] {
  const { stdout } = callAgent(['run', script], { env });
  return stdout.trim().split('\n');
}

test('node actions get what the container says to node, and no other family does', () => {
  using directory = temporaryDirectory();
  const options = { NODE_OPTIONS: '--max-old-space-size=100', NODE_PATH: '/opt/modules', NODE_ENV: 'production' };
  const env = { PATH, HOME: directory.path, ...variables, ...options };
  const node = directory.file(
    'a.mjs',
    "console.log(Object.keys(process.env).filter((one) => /^(NODE|BUN)_/.test(one)).toSorted().join('\\n'))",
  );
  expect(namesSeenBy(node, env)).toEqual(['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH']);
  const shell = directory.file('a.sh', "env | grep -E '^(NODE|BUN|ATTUNE_KEPT)_' || echo none\n");
  expect(namesSeenBy(shell, env)).toEqual(['none']);
});

test('installers get theirs with the names that they were given', () => {
  using directory = temporaryDirectory();
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  const install = 'env | grep -E "^(BUN|NODE|UV)_|KEPT" | grep -v _CACHE_DIR= | sort >"$1/made"';
  const config = {
    environment: { env_type: 'own', dir_name: 'made', create_command: ['/bin/mkdir', '-p', '{env_dir}'] },
    dependencies: { manifest_file: 'deps.txt', install_command: ['/bin/sh', '-c', install, 'sh', '{env_dir}'] },
    env_vars: { MADE: '{env_dir}' },
  };
  directory.file('packs/demo/runtimes/shell.yaml', JSON.stringify({ name: 'shell', execution_config: config }));
  directory.file('packs/demo/deps.txt', 'one\n');
  directory.file('packs/demo/actions/show.yaml', 'entry_point: show.sh\n');
  directory.file('packs/demo/actions/show.sh', 'cat "$MADE/made"\n');
  const ran = callAgent(['run', 'demo.show'], {
    env: {
      PATH,
      ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
      ATTUNE_RUNTIME_ENVS_DIR: join(directory.path, 'environments'),
      BUN_CONFIG_REGISTRY: 'http://registry.example',
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      UV_INDEX_URL: 'http://index.example',
    },
  });
  expect(ran.stdout).toBe(
    'BUN_CONFIG_REGISTRY=http://registry.example\nNODE_EXTRA_CA_CERTS=/etc/ca.pem\nUV_INDEX_URL=http://index.example\n',
  );
});
