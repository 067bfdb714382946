import { expect, test } from 'bun:test';
import { listConfig, showConfig } from '#config/show-config.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { load, loaded } from './sources.ts';

test('what is shown is a configuration file without its secrets', () => {
  using directory = temporaryDirectory();
  const env = {
    ATTUNE__DATABASE__URL: 'postgres://user:hunter2@db:5432/attune?sslmode=require',
    ATTUNE__MESSAGE_QUEUE__URL: 'amqp://u:hunter2@mq/',
  };
  const shown = showConfig(loaded({ env }));
  expect(shown).not.toContain('hunter2');
  expect(shown).toContain('url: postgres://user:********@db:5432/attune?sslmode=require');
  expect(load({ file: directory.file('shown.yaml', shown) }).worker).toEqual(load({ env }).worker);
});

test('each setting says where it comes from: its default, a line of a file, variables, an option', () => {
  using directory = temporaryDirectory();
  const file = directory.file(
    'config.yaml',
    '# mine\nworker:\n  name: w9\n  taints:\n    - {key: a, value: b, effect: no_schedule}\n  labels: {zone: a}\nlog: {level: debug}\n',
  );
  const env = { ATTUNE__LOG__FORMAT: 'json', ATTUNE__WORKER__LABELS__RACK: 'r1', ATTUNE__WORKER__NAME: 'w7' };
  const sources = { file, env, flags: { 'server.port': '81' }, options: { 'server.port': '--port' } };
  const shown = listConfig(loaded(sources));
  const given = shown.filter(({ origin }) => origin !== 'default').map(({ name, origin }) => [name, origin]);
  expect(Object.fromEntries(given)).toEqual({
    'server.port': '--port',
    'worker.name': 'ATTUNE__WORKER__NAME',
    'worker.taints': `${file}:4:3`,
    'worker.labels': `${file}:6:3, ATTUNE__WORKER__LABELS__RACK`,
    'log.level': `${file}:7:7`,
    'log.format': 'ATTUNE__LOG__FORMAT',
  });
  expect(shown).toContainEqual({ name: 'worker.task_timeout', value: 300, origin: 'default' });
  const text = showConfig(loaded(sources));
  expect(text).toContain('  port: 81 # --port\n');
  expect(text).toContain(`  # ${file}:4:3\n  taints:\n`);
  expect(load({ file: directory.file('shown.yaml', text) })).toEqual(load(sources));
});
