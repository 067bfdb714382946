/** The configuration files of Attune's Rust control plane, read by the static file. */
import { expect, test } from 'bun:test';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const PATH = '/usr/bin:/bin';

test('config.yaml of the working directory and that of the environment over it make the configuration', () => {
  using place = temporaryDirectory();
  place.file(
    'config.yaml',
    'service_name: attune\nmessage_queue: { url: amqp://mq, exchange: attune }\nworker: { name: null, task_timeout: 7 }\nexecutor: { scheduled_timeout: 300 }\nlog: { level: debug }\nwroker: {}\nworkr: { name: x }\n',
  );
  place.file('config.production.yaml', 'worker: { max_concurrent_tasks: 2 }\n');
  const printed = call([agentFile, '--print-config'], {
    env: { PATH, ATTUNE__ENVIRONMENT: 'production', ATTUNE__WORKER__LABELS__ZONE: 'b' },
    cwd: place.path,
  });
  expect(printed.exitCode).toBe(0);
  expect(Bun.YAML.parse(printed.stdout)).toMatchObject({
    worker: { task_timeout: 7, max_concurrent_tasks: 2, labels: { zone: 'b' } },
    message_queue: { url: 'amqp://mq' },
  });
  const lines = printed.stderr.trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/unknown setting workr\.name is left out; did you mean worker\.name\?$/),
    expect.stringMatching(/ settings not used names=.*executor\.scheduled_timeout.*$/),
  ]);
});

test('without log.level debug, nothing is said about settings that are not used', () => {
  using place = temporaryDirectory();
  const file = place.file('config.yaml', 'service_name: attune\nretention: { enabled: true }\n');
  const printed = call([agentFile, '--print-config'], { env: { PATH, ATTUNE_CONFIG: file } });
  expect([printed.exitCode, printed.stderr]).toEqual([0, '']);
});
