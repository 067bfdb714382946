import { expect, test } from 'bun:test';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { load, loaded, problems } from './sources.ts';

/** Every setting that the configuration of Attune's Rust control plane has, with values that are allowed there. */
const everything = `
service_name: attune
environment: production
packs_base_dir: /opt/attune/packs
runtime_envs_dir: ./runtime_envs
artifacts_dir: /opt/attune/artifacts
database:
  url: postgresql://attune:secret@postgres:5432/attune
  max_connections: 50
  min_connections: 5
  connect_timeout: 30
  idle_timeout: 600
  log_statements: false
  schema:
message_queue: { url: "amqp://attune:attune@rabbitmq:5672/%2f", exchange: attune, enable_dlq: true, message_ttl: 3600 }
server:
  host: 0.0.0.0
  port: 8080
  request_timeout: 30
  enable_cors: true
  cors_origins: [http://localhost:3000]
  max_body_size: 10485760
log: { level: 'INFO,sqlx=warn', format: pretty, console: true, file: null }
security:
  jwt_secret: 0123456789abcdef0123456789abcdef
  jwt_access_expiration: 3600
  jwt_refresh_expiration: 604800
  encryption_key: 0123456789abcdef0123456789abcdef
  enable_auth: true
  allow_self_registration: false
  login_page: { show_local_login: true, providers: { oidc: { enabled: false } } }
worker:
  name: null
  worker_type: container
  runtime_id:
  host: null
  port: null
  capabilities: { gpu: true }
  labels: { zone: a, size: 3 }
  taints: [{ key: gpu, value: null, effect: prefer_no_schedule }, { key: dedicated, effect: no_schedule }]
  max_concurrent_tasks: 10
  heartbeat_interval: 30
  task_timeout: 300
  max_stdout_bytes: 10485760
  max_stderr_bytes: 10485760
  execution_log_retention_policy: days
  execution_log_retention_limit: 7
  shutdown_timeout: 30
  stream_logs: true
sensor: { worker_name: s, labels: {}, taints: [], max_concurrent_sensors: 10, heartbeat_interval: 30, poll_interval: 30 }
executor: { enable_timeout_monitor: true, timeout_check_interval: 60, scheduled_timeout: 300 }
artifacts: { transport: auto, max_upload_size: 104857600, flush_interval_ms: 500, sensor_log_max_bytes: 1, sensor_log_max_files: 4 }
agent: { binary_dir: /opt/attune/agent, bootstrap_token: '' }
notifier: { host: 0.0.0.0, port: 8081, max_connections: 10000 }
pack_registry: { enabled: true, default_registry: https://example.org/index.json, indices: [] }
pack_upload: { max_size: 1 }
retention: { enabled: true }
maintenance:
`;

test('a configuration file of the Rust control plane is taken as it is', () => {
  using directory = temporaryDirectory();
  const { config, unused, warnings } = loaded({ file: directory.file('config.yaml', everything) });
  expect(warnings).toEqual([]);
  expect(unused).toContain('executor.scheduled_timeout');
  expect(unused).toContain('security.login_page');
  expect(config.worker).toMatchObject({
    name: 'worker-box',
    heartbeat_interval: 30,
    labels: { zone: 'a', size: '3' },
    taints: [
      { key: 'gpu', value: '', effect: 'prefer_no_schedule' },
      { key: 'dedicated', value: '', effect: 'no_schedule' },
    ],
  });
  expect(config.log).toEqual({ format: 'text', level: 'info' });
  expect(config.runtime_envs_dir).toBe(resolve('runtime_envs'));
  expect(config.security.encryption_key).toHaveLength(32);
});

test('a variable of the Rust control plane may name what is not used, or a part of a map', () => {
  const env = {
    ATTUNE__ENVIRONMENT: 'production',
    ATTUNE__DATABASE__MAX_CONNECTIONS: '9',
    ATTUNE__PACK_REGISTRY__DEFAULT__URL: 'x',
    ATTUNE__WORKER__LABELS__ZONE: 'b',
    ATTUNE_AGENT_MODE: 'true',
    ATTUNE_AGENT_BINARY_NAME: 'attune-agent',
    ATTUNE_AGENT_BINARY_VERSION: '1.0.0',
  };
  const { config, unused, warnings } = loaded({ env });
  expect({ unused, warnings }).toEqual({
    unused: ['environment', 'database.max_connections', 'pack_registry.default.url'],
    warnings: [],
  });
  expect(config.worker.labels).toEqual({ zone: 'b' });
});

test('the file of the environment lies over that of ATTUNE_CONFIG, and variables over both', () => {
  using directory = temporaryDirectory();
  const base = directory.file('etc/base.yaml', 'message_queue: {}\nworker: { name: base, task_timeout: 1 }\n');
  directory.file('here/config.development.yaml', 'worker: { name: development }\n');
  directory.file('here/config.production.yaml', 'worker: { name: production, max_concurrent_tasks: 2 }\n');
  const here = { directory: join(directory.path, 'here') };
  const env = { ATTUNE_CONFIG: base };
  expect(load({ ...here, env }).worker).toMatchObject({ name: 'development', task_timeout: 1 });
  const inProduction = { ...env, ATTUNE__ENVIRONMENT: 'production', ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '3' };
  const merged = { name: 'production', task_timeout: 1, max_concurrent_tasks: 3 };
  expect(load({ ...here, env: inProduction }).worker).toMatchObject(merged);
  expect(load({ env }).worker.name).toBe('base');
  const own = directory.file('own.yaml', 'worker: { name: own }\n');
  expect(load({ ...here, env, file: own }).worker.name).toBe('own');
});

test('config.yaml of the working directory counts where it names a message queue, and only there', () => {
  using directory = temporaryDirectory();
  const here = { directory: directory.path };
  expect(load(here).worker.name).toBe('worker-box');
  directory.file('config.yaml', 'worker: { name: other }\ndatabase: { url: "mysql://x" }\n');
  expect(load(here).worker.name).toBe('worker-box');
  directory.file('config.yaml', 'not: [yaml');
  expect(problems(here)).toEqual([]);
  directory.file('config.yaml', 'message_queue: { url: amqp://mq }\nworker: { name: here }\n');
  directory.file('config.development.yaml', 'worker: { task_timeout: 9 }\n');
  expect(load(here).worker).toMatchObject({ name: 'here', task_timeout: 9 });
  expect(load({}).worker.name).toBe('worker-box');
});
