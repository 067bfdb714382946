import { expect, test } from 'bun:test';
import { resolve } from 'node:path';
import { loadConfig } from '#config/load-config.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { load, loaded, machine, problems } from './sources.ts';

test('the defaults are those of the protocol', () => {
  expect(load({})).toEqual({
    database: {},
    message_queue: { events: false },
    worker: {
      name: 'worker-box',
      worker_type: 'local',
      task_timeout: 300,
      execution_log_retention_policy: 'days',
      execution_log_retention_limit: 7,
      max_stdout_bytes: 10_485_760,
      max_stderr_bytes: 10_485_760,
      max_concurrent_tasks: 10,
      metrics_host: '127.0.0.1',
      labels: {},
      taints: [],
      ephemeral: false,
      inline: true,
      shutdown_timeout: 30,
      heartbeat_interval: 3,
      spool_limit_bytes: 16_777_216,
      exposed_secrets: 'warn',
    },
    limits: { network: 'allowed', filesystem: 'writable' },
    retention: { interval: 300, audit_days: 400, token_days: 30, token_count: 10_000, dead_letter_count: 10_000 },
    webhooks: { allow_networks: [], callbacks: 'unconfined', give_up_after: 86_400, most_waiting: 10_000 },
    oidc: { request_scopes: ['openid', 'profile', 'email'], claim: 'groups', grants: [], session: 43_200 },
    scheduler: { redispatch_after: 10, schedule_timeout: 300, forget_workers_after: 600, log_retention_days: 14 },
    server: {
      host: '127.0.0.1',
      port: 8080,
      requests_per_second: 500,
      most_unfinished: 100_000,
      drain_time: 1,
      base_path: '',
      cors_origins: [],
      trusted_proxies: [],
    },
    agent: {},
    artifacts: { s3_prefix: 'attune/', max_files: 100, max_bytes: 1_073_741_824 },
    environments: {
      prepare: 'lazy',
      offline: false,
      install_timeout: 600,
      max_age_days: 30,
      max_bytes: 21_474_836_480,
    },
    security: {},
    tracing: { sample_ratio: 1 },
    log: { format: 'text', level: 'info' },
    packs_base_dir: resolve('packs'),
    artifacts_dir: '/opt/attune/artifacts',
  });
  const inContainer = loadConfig({ flags: {}, env: {}, file: undefined }, { ...machine, isContainer: true });
  expect(inContainer.ok && inContainer.value.config.worker.worker_type).toBe('container');
});

test('flags win over the environment, it over the file, that over defaults', () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.yaml', 'worker:\n  name: file\n  worker_type: remote\n  task_timeout: 7\n');
  const env = { ATTUNE_CONFIG: file, ATTUNE_WORKER_NAME: 'environment', ATTUNE__WORKER__TASK_TIMEOUT: '8' };
  const flags = { 'worker.name': 'flag' };
  expect(load({ env: { ATTUNE_CONFIG: file } }).worker).toMatchObject({ name: 'file', task_timeout: 7 });
  expect(load({ env }).worker).toMatchObject({ name: 'environment', worker_type: 'remote', task_timeout: 8 });
  expect(load({ env, flags }).worker.name).toBe('flag');
  expect(load({ env, flags: { 'worker.name': undefined } }).worker.name).toBe('environment');
});

test('a file named by flag wins over ATTUNE_CONFIG, and either must exist', () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.yaml', 'packs_base_dir: /a\n');
  expect(load({ file, env: { ATTUNE_CONFIG: '/nowhere' } }).packs_base_dir).toBe('/a');
  for (const sources of [{ env: { ATTUNE_CONFIG: '/nowhere' } }, { file: '/nowhere' }])
    expect(problems(sources)).toEqual([expect.stringContaining('/nowhere')]);
});

test('lists come comma-separated or as YAML; empty is none, absent is all', () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.yaml', 'worker: { runtimes: [python, shell] }\n');
  expect(load({ file }).worker.runtimes).toEqual(['python', 'shell']);
  expect(load({ env: { ATTUNE_WORKER_RUNTIMES: 'go, java,' } }).worker.runtimes).toEqual(['go', 'java']);
  expect(load({ env: { ATTUNE_WORKER_RUNTIMES: '' } }).worker.runtimes).toEqual([]);
  expect(load({}).worker.runtimes).toBeUndefined();
});

test('secrets come from files, by every name', () => {
  using directory = temporaryDirectory();
  const secret = directory.file('url', 'postgres://u:p@db/attune\n');
  expect(load({ env: { ATTUNE__DATABASE__URL_FILE: secret } }).database.url).toBe('postgres://u:p@db/attune');
  expect(load({ env: { ATTUNE_WORKER_NAME_FILE: directory.file('name', 'w1') } }).worker.name).toBe('w1');
  expect(problems({ env: { ATTUNE__DATABASE__URL_FILE: '/nope' } })).toEqual([
    expect.stringContaining(' cannot be read: no such file or directory'),
  ]);
  const both = { ATTUNE__DATABASE__URL_FILE: secret, ATTUNE__DATABASE__URL: 'postgres://db/x' };
  expect(problems({ env: both })).toEqual([
    'ATTUNE__DATABASE__URL_FILE and ATTUNE__DATABASE__URL are both set: keep one',
  ]);
});

test('unknown settings are left out, with a warning that has the nearest name and their origin', () => {
  using directory = temporaryDirectory();
  const file = directory.file('a.yaml', 'databse: { url: x }\nworker: { nmae: y, task_timeout: 7 }\n');
  const { config, warnings } = loaded({ file });
  expect(warnings).toEqual([
    `${file}:1:12: unknown setting databse.url is left out; did you mean database.url?`,
    `${file}:2:11: unknown setting worker.nmae is left out; did you mean worker.name?`,
  ]);
  expect(config.worker).toMatchObject({ name: 'worker-box', task_timeout: 7 });
  expect(loaded({ env: { ATTUNE__QUUX: '1' } }).warnings).toEqual([
    'ATTUNE__QUUX: unknown setting quux is left out; no setting has a name like it',
  ]);
});

test('wrong values are errors with their origin, all at once', () => {
  const env = {
    ATTUNE__WORKER__TASK_TIMEOUT: 'never',
    ATTUNE_WORKER_TYPE: 'moon',
    ATTUNE__DATABASE__URL: 'mysql://x',
    ATTUNE_WORK_DIR: 'tmp',
  };
  expect(problems({ env })).toEqual([
    expect.stringMatching(
      /^ATTUNE__DATABASE__URL: database\.url: expected a URL that begins with postgres:\/\/ or postgresql:\/\//,
    ),
    expect.stringContaining('ATTUNE_WORKER_TYPE: worker.worker_type:'),
    expect.stringContaining('ATTUNE__WORKER__TASK_TIMEOUT: worker.task_timeout:'),
    'ATTUNE_WORK_DIR: work_dir: expected an absolute path',
  ]);
});

test('a broken, a wrong and a huge file are errors that name it', () => {
  using directory = temporaryDirectory();
  for (const [name, text] of [
    ['broken.yaml', 'worker: ['],
    ['list.yaml', '- 1\n'],
    ['section.yaml', 'worker: 5\n'],
    ['huge.yaml', `x: ${'y'.repeat(1024 * 1024)}`],
  ] as const) {
    const file = directory.file(name, text);
    expect(problems({ file })[0]).toStartWith(`${file}:`);
  }
  expect(load({ file: directory.file('empty.yaml', '') }).packs_base_dir).toBe(resolve('packs'));
});

test('other variables of the container are none of its business', () => {
  expect(problems({ env: { PATH: '/bin', ATTUNE_SUPERVISE: '1', ATTUNE_EXEC_ID: '3', MY_FILE: '/x' } })).toEqual([]);
});

test('the configuration cannot be changed', () => {
  const config = load({});
  expect(Object.isFrozen(config) && Object.isFrozen(config.worker)).toBe(true);
});

test('labels and taints come as YAML or as text, and nonsense in them is named', () => {
  using directory = temporaryDirectory();
  const file = directory.file(
    'a.yaml',
    'worker: { labels: { zone: a, size: 3 }, taints: [{ key: gpu, value: "yes", effect: no_schedule }] }\n',
  );
  const wanted = { labels: { zone: 'a', size: '3' }, taints: [{ key: 'gpu', value: 'yes', effect: 'no_schedule' }] };
  expect(load({ file }).worker).toMatchObject(wanted);
  const env = { ATTUNE__WORKER__LABELS: 'zone=a, size=3', ATTUNE__WORKER__TAINTS: 'gpu=yes:no_schedule' };
  expect(load({ env }).worker).toMatchObject(wanted);
  expect(problems({ env: { ATTUNE__WORKER__LABELS: 'zone' } })).toEqual([
    expect.stringContaining("'zone': expected key=value"),
  ]);
  expect(problems({ env: { ATTUNE__WORKER__TAINTS: 'gpu=yes:never' } })).toEqual([
    expect.stringContaining('expected key=value:no_schedule'),
  ]);
});

test('a value that does not fit is shown as it was given, unless it is secret', () => {
  using directory = temporaryDirectory();
  const file = directory.file('loud.yaml', 'log: { level: loud }\nsecurity: { encryption_key: [verysecret] }\n');
  const found = problems({ file, env: { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: 'abc' } }).join('\n');
  expect(found).toContain("worker.max_concurrent_tasks: expected a number, not 'abc'");
  expect(found).toContain("log.level: 'loud' is none of ");
  expect(found).not.toContain('verysecret');
});

test('paths are those of the directory in which the program was started', () => {
  const settings = { data_dir: 'd', packs_base_dir: 'p/q', installed_packs_dir: 'i', pack_archives_dir: 'a' };
  const flags = { ...settings, runtime_envs_dir: './r', artifacts_dir: 'v', 'artifacts.directory': 'f' };
  const config = load({ flags });
  for (const [name, path] of Object.entries({ ...settings, runtime_envs_dir: 'r', artifacts_dir: 'v' }))
    expect(config[name as keyof typeof config]).toBe(resolve(path));
  expect(config.artifacts.directory).toBe(resolve('f'));
});

test.each(['/..', '/../x', '/a/..', '/a/./b', '/.', 'a', '/a/', '//a', '/a b'])('no base path: %s', (path) => {
  expect(problems({ env: { ATTUNE__SERVER__BASE_PATH: path } })).toEqual([expect.stringContaining('expected a path')]);
});

test.each(['/a', '/.a/..b', '/a...', '/a/b-c_d~e'])('a base path: %s', (path) => {
  expect(load({ env: { ATTUNE__SERVER__BASE_PATH: path } }).server.base_path).toBe(path);
});

test.each(['*', 'https://*', 'https://*.x.example', 'https://a.*', 'https://x.example/', 'null', 'ftp://x.example'])(
  'no origin: %s',
  (origin) => {
    const env = { ATTUNE__SERVER__CORS_ORIGINS: `https://app.example.com,${origin}` };
    expect(problems({ env })).toEqual([expect.stringContaining('expected origins')]);
  },
);

test.each(['https://app.example.com', 'http://localhost:3000', 'http://127.0.0.1:1', 'http://[::1]:8080'])(
  'an origin: %s',
  (origin) => {
    expect(load({ env: { ATTUNE__SERVER__CORS_ORIGINS: origin } }).server.cors_origins).toEqual([origin]);
  },
);
