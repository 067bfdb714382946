/** The examples of the help, run as they are printed. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { allVerbs } from '#ci/docs-verbs.ts';
import { agentFile, packs } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** Examples that do not end here, or not soon: why, and the test that runs the verb. */
const elsewhere: Readonly<Record<string, string>> = {
  'attune-agent': 'runs until a signal; test/system/lifecycle/worker.test.ts',
  'attune-agent --standalone': 'runs until a signal; test/system/lifecycle/standalone.test.ts',
  'attune-agent server --port 8080': 'runs until a signal; test/system/server/several.test.ts',
  'attune-agent packs dev packs/sample': 'runs until a signal; test/system/agent/packs.test.ts',
  "attune-agent packs dev packs/sample --action stats -p 'values=[3,1,4]'":
    'runs until a signal; test/system/agent/packs.test.ts',
  'attune-agent webhook --port 8443 --tls-cert tls.crt --tls-key tls.key':
    'runs until a signal; test/system/kubernetes/webhook.test.ts',
  'attune-agent migrate': 'needs PostgreSQL; test/system/store/migrate.test.ts',
  'attune-agent migrate --dry-run': 'needs PostgreSQL; test/system/store/migrate.test.ts',
  'attune-agent self-test': 'starts every runtime of the machine; test/system/matrix',
  'attune-agent environments build sample --packs packs --directory /tmp/environments':
    'compiles Go and Java; test/system/environments/building.test.ts',
  'attune-agent provision --server-login /run/secrets/server_url --worker-token /run/secrets/worker_token':
    'needs PostgreSQL; test/system/store/provision.test.ts',
  'attune-agent rerun 1': 'shows the log to its end; test/system/server/client.test.ts',
  'attune-agent workers remove gpu-1': 'wants a worker that is gone; test/system/server/client.test.ts',
  'attune-agent workers assign gpu-1 --login gpu_1': 'needs PostgreSQL; test/system/security/hostile-worker.test.ts',
};

/** The execution that the examples name is cancelled by one of them; a container may have flaws, and no way outside. */
const exitCodes: Readonly<Record<string, readonly number[]>> = {
  'attune-agent logs --follow 1': [1],
  'attune-agent doctor': [0, 1],
  'attune-agent webhooks test 2': [0, 1],
  'attune-agent doctor --only sandbox,clock': [0, 1],
};

const directory = temporaryDirectory();
const bin = join(directory.path, 'bin');
let whole: Standalone;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory.file('bin/.keep', '');
  symlinkSync(agentFile, join(bin, 'attune-agent'));
  cpSync(packs, join(directory.path, 'packs'), { recursive: true });
  directory.file(
    'packs/sample/tests/stats.yaml',
    'cases:\n  - { name: has a mean, parameters: { values: [1, 3] }, result: { mean: 2 } }\n',
  );
  directory.file('password.txt', 'secret');
  directory.file('report.py', 'import sys\nprint(sys.stdin.read())\n');
  directory.file('parameters.yaml', 'month: May\n');
  const annotations = "annotations: { attune.io/inject: 'true' }";
  const containers = 'containers: [{ name: main, image: python }]';
  directory.file('pod.yaml', `{ kind: Pod, metadata: { name: one, ${annotations} }, spec: { ${containers} } }\n`);
  const data = join(directory.path, 'data');
  const files = { HOME: directory.path, ATTUNE_DATA_DIR: data, TMPDIR: directory.path };
  whole = await standalone(data, files, { wrap: (args) => [agentFile, ...args, '--name', 'gpu-1'] });
  directory.file('token.txt', `${whole.token}\n`);
  env = {
    ...files,
    PATH: `${bin}:/usr/bin:/bin`,
    ATTUNE_WORKER_NAME: 'gpu-1',
    ATTUNE_API_URL: whole.url,
    ATTUNE_API_TOKEN: whole.token ?? '',
  };
  for (const version of ['1.0.0', '2.0.0']) {
    directory.file('mail/pack.yaml', `ref: mail\nversion: ${version}\n`);
    directory.file('mail/actions/send.sh', 'cat\n');
    directory.file(
      'mail/actions/send.yaml',
      'entry_point: send.sh\nparameters: { to: { type: string }, password: { type: string, secret: true } }\n',
    );
    expect(run('attune-agent packs install ./mail').exitCode).toBe(0);
  }
  expect(run('attune-agent keys set smtp --file password.txt').exitCode).toBe(0);
  directory.file('sleep.sh', 'sleep 1000');
  expect(run('attune-agent submit ./sleep.sh --detach').stdout).toBe('1\n');
  expect(run('attune-agent token create --name edge-7 --scope worker').exitCode).toBe(0);
}, 120_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const run = (line: string) => call(['bash', '-c', line], { env, cwd: directory.path });

test('every example of the help runs as it is printed', async () => {
  const examples = (await allVerbs()).flatMap((one) => one.examples);
  const lines = [...new Set(examples.map(([line]) => line))]; /* a group repeats some of its verbs' examples */
  for (const line of Object.keys({ ...elsewhere, ...exitCodes })) expect(lines).toContain(line);
  const here = lines.filter((line) => elsewhere[line] === undefined);
  for (const line of here.toSorted((a, b) => Number(b.includes(' cancel ')) - Number(a.includes(' cancel ')))) {
    /* A test listens elsewhere, and leaves nothing outside its directory. */
    const own = line
      .replace('http://127.0.0.1:8080', whole.url)
      .replace(' /opt/attune/agent', ` ${directory.path}/agent`);
    const ran = run(own);
    expect([line, exitCodes[line] ?? [0], ran.stderr]).toEqual([
      line,
      expect.arrayContaining([ran.exitCode]),
      ran.stderr,
    ]);
  }
}, 300_000);
