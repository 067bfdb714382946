/** Secrets of an execution, in every spelling, in nothing that is stored, streamed or shown. */
import { afterAll, expect, test } from 'bun:test';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal } from '#domain/execution-status.ts';
import { callAgent } from '#test/support/agent.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const secret = 'k3y "with" some/things&more';
const spelled = `import base64, json, sys, time, urllib.parse
given = json.load(sys.stdin)
key = given["key"]
for text in [key, json.dumps(key), urllib.parse.quote(key), urllib.parse.quote_plus(key)]:
    print(text)
for before in range(3):
    print(base64.b64encode(b"x" * before + key.encode()).decode())
for part in [key[:5], key[5:]]:
    sys.stdout.write(part); sys.stdout.flush(); time.sleep(0.3)
print("\\n::add-mask::found-later\\nfound-later")
print("to stderr: " + key, file=sys.stderr)
`;

const pack = join(directory.path, 'packs/leaky');
mkdirSync(join(pack, 'actions'), { recursive: true });
writeFileSync(join(pack, 'pack.yaml'), 'ref: leaky\nlabel: Leaky\nversion: 1.0.0\n');
const action = (name: string, yaml: string, code: string): void => {
  writeFileSync(
    join(pack, 'actions', `${name}.yaml`),
    `ref: leaky.${name}\nlabel: L\nrunner_type: python\nentry_point: ${name}.py\nparameters:\n  key: { type: string, secret: true }\n${yaml}`,
  );
  writeFileSync(join(pack, 'actions', `${name}.py`), code);
};
action('print', '', spelled);
action('fail', '', `${spelled}sys.exit("it was " + key)\n`);
action(
  'make',
  'output_format: json\noutput:\n  token: { type: string, secret: true }\n  note: { type: string }\n',
  'import json, sys\nprint(json.dumps({"token": "made-token", "note": "it is made-token, and " + json.load(sys.stdin)["key"]}))\n',
);

/** Nothing of it, in any of its spellings. */
function expectNoSecret(text: string): void {
  for (const form of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    'found-later',
    'made-token',
  ])
    expect(text).not.toContain(form);
  for (const before of ['', 'x', 'xx'])
    expect(text).not.toContain(
      Buffer.from(before + secret)
        .toString('base64')
        .slice(4, -4),
    );
}

test('run shows none, in its output, its result and its errors', () => {
  for (const name of ['print', 'fail']) {
    const { stdout, stderr } = callAgent(['run', `leaky.${name}`, '-p', `key=${secret}`, '--format', 'json'], {
      env: { PATH: '/usr/bin:/bin', ATTUNE_PACKS_DIR: join(directory.path, 'packs') },
    });
    expect(stderr).toContain('***');
    expect(JSON.parse(stdout)).toMatchObject({ succeeded: name === 'print' });
    expectNoSecret(`${stdout}${stderr}`);
  }
});

test('a worker stores and streams none: logs, results, errors, its own log; files of its database', async () => {
  const data = join(directory.path, 'data');
  cpSync(join(directory.path, 'packs'), join(directory.path, 'served'), { recursive: true });
  await using whole = await standalone(data, {
    ATTUNE_PACKS_DIR: join(directory.path, 'served'),
    ATTUNE_API_TOKEN: 'the-agents-own',
  });
  const saved = await whole.api('keys', {
    method: 'POST',
    body: JSON.stringify({ owner_type: 'pack', owner: 'leaky', name: 'key', value: secret }),
  });
  expect(saved.status).toBeLessThan(300);
  for (const name of ['print', 'fail', 'make']) {
    const submitted = await whole.api('executions', {
      method: 'POST',
      body: JSON.stringify({ action_ref: `leaky.${name}` }),
    });
    const { id } = (await submitted.json()) as { id: number };
    const read = async (): Promise<Readonly<Record<string, unknown>>> =>
      (await (await whole.api(`executions/${id}`)).json()) as Readonly<Record<string, unknown>>;
    await until('it ends', async () => isFinal(String((await read())['status'])));
    const log = await (await whole.api(`executions/${id}/logs/stdout`)).text();
    const errors = await (await whole.api(`executions/${id}/logs/stderr`)).text();
    const execution = JSON.stringify(await read());
    expect(log, execution).toContain('***');
    expectNoSecret(`${log}${errors}${execution}`);
    if (name === 'make') {
      const { secrets } = (await (await whole.api(`executions/${id}/secrets`)).json()) as { secrets: unknown };
      expect(secrets).toEqual([{ path: 'token', value: 'made-token' }]);
    }
  }
  for await (const file of new Bun.Glob('**/*').scan({ cwd: data, absolute: true, dot: true }))
    if (!file.includes('packs')) expectNoSecret(Buffer.from(await Bun.file(file).arrayBuffer()).toString('latin1'));
});

test('--print-config shows no secret, wherever it stands', () => {
  const { stdout } = callAgent(['--print-config'], {
    env: {
      PATH: '/usr/bin:/bin',
      ATTUNE__DATABASE__URL: 'postgres://u:hunter2%2Fdb@127.0.0.1/a?application_name=hunter2%2Fdb',
      ATTUNE__WORKER__LABELS: 'zone=hunter2-key-0123',
      ATTUNE__SECURITY__ENCRYPTION_KEY: 'hunter2-key-0123',
      ATTUNE_API_TOKEN: 'hunter2-token',
    },
  });
  expect(stdout).toContain('zone: ***');
  expect(stdout).not.toContain('hunter2');
});

test('a password that is not encoded is refused by every verb before it is taken for an address', () => {
  const common = { PATH: '/usr/bin:/bin', HOME: directory.path };
  for (const variable of ['ATTUNE__DATABASE__URL', 'ATTUNE__MESSAGE_QUEUE__URL']) {
    const protocol = variable.includes('DATABASE') ? 'postgres' : 'amqp';
    const env = { ...common, [variable]: `${protocol}://u:12/hunter2part@127.0.0.1/d` };
    for (const args of [['--print-config'], ['doctor'], ['server'], [], ['migrate'], ['run', '/nowhere']]) {
      const { exitCode, stdout, stderr } = callAgent(args, { env });
      expect([args, `${stdout}${stderr}`]).toEqual([args, expect.stringContaining('an @ stands behind its host')]);
      expect(exitCode).not.toBe(0);
      for (const part of ['hunter2', 'part@', '12/']) expect(`${stdout}${stderr}`).not.toContain(part);
    }
  }
});

test('errors of the agent itself show no secret of its settings, in whatever spelling', () => {
  const password = 'hunter2 /database';
  const spellings = [password, encodeURIComponent(password), Buffer.from(password).toString('base64')];
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: directory.path,
    ATTUNE__DATABASE__URL: `postgres://u:${encodeURIComponent(password)}@127.0.0.1:1/hunter2`,
    ATTUNE__MESSAGE_QUEUE__URL: `amqp://u:${encodeURIComponent(password)}@127.0.0.1:1/`,
  };
  const calls = [
    ...spellings.map((one) => ['run', `/nowhere/${one}`]),
    ...spellings.map((one) => ['doctor', '--only', one]),
    ['migrate'],
    ['doctor', '--only', 'database,broker'],
  ];
  const said = calls.map((args) => callAgent(args, { env }));
  for (const { exitCode } of said) expect(exitCode).not.toBe(0);
  for (const { stdout, stderr } of said) for (const one of spellings) expect(`${stdout}${stderr}`).not.toContain(one);
  expect(said[0]?.stderr).toContain('***');
  const bent = { ...env, ATTUNE__DATABASE__URL: env.ATTUNE__DATABASE__URL.replace('//', '/') };
  for (const args of [['migrate'], ['token', 'list'], ['doctor', '--only', 'database']]) {
    const { stdout, stderr } = callAgent(args, { env: bent });
    for (const one of spellings) expect(`${stdout}${stderr}`).not.toContain(one);
  }
});
