import { expect, test } from 'bun:test';
import { showConfig } from '#config/show-config.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { load } from './sources.ts';

test('what is shown is a configuration file without its secrets', () => {
  using directory = temporaryDirectory();
  const env = {
    ATTUNE__DATABASE__URL: 'postgres://user:hunter2@db:5432/attune?sslmode=require',
    ATTUNE__MESSAGE_QUEUE__URL: 'amqp://u:hunter2@mq/',
  };
  const shown = showConfig(load({ env }));
  expect(shown).not.toContain('hunter2');
  expect(shown).toContain('url: postgres://user:********@db:5432/attune?sslmode=require');
  expect(load({ file: directory.file('shown.yaml', shown) }).worker).toEqual(load({ env }).worker);
});
