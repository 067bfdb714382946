/** Actions that try to read the secrets with which their worker was started, each in a container of its kind. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type AgentProcess, startAgent } from '#test/support/cluster.ts';
import { withMounts } from '#test/support/namespace.ts';
import { isRoot, rootTest as test } from '#test/support/root-test.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const directory = temporaryDirectory();
let whole: Standalone;
let token = '';
const workers: AgentProcess[] = [];

/** A letter further, so that masking knows nothing of it. */
const FURTHER = `tr 'A-Za-z0-9' 'B-ZAb-za1-90'`;
const further = (text: string): string => call(['sh', '-c', FURTHER], { input: text }).stdout;

/** The mounts of a container: a secret in a file, another one by links as in volumes of Kubernetes, and what is public. */
const container = `
  mount -t tmpfs -o mode=755 none /run; mkdir -m 755 /run/secrets /run/volume /run/volume/..1
  cp "$SECRET" /run/secrets/token; cp "$SECRET" /run/volume/..1/token; echo public-file >/run/secrets/public
  ln -s ..1 /run/volume/..data; ln -s ..data/token /run/volume/token; chmod -R a+rX /run`;

const attack = `
more() { ${FURTHER} 2>/dev/null; echo; }
for one in /run/secrets/token /run/volume/token /run/volume/..data/token /run/volume/..1/token; do
  for place in "" /proc/self/root /proc/1/root "/proc/self/cwd/../../../../../../.." /dev/../; do more <"$place$one"; done
  ln "$one" "$TMPDIR/hard"; more <"$TMPDIR/hard"; ln -s "$one" "$TMPDIR/soft"; more <"$TMPDIR/soft"
  cp "$one" "$TMPDIR/copy"; more <"$TMPDIR/copy"; mv "$one" "$TMPDIR/moved"; more <"$TMPDIR/moved"
  dd if="$one" of="$TMPDIR/dd"; more <"$TMPDIR/dd"; chmod 644 "$one"; more <"$one"
done
mkdir -p "$TMPDIR/bound"; mount --bind /run "$TMPDIR/bound"; more <"$TMPDIR/bound/secrets/token"
unshare -Urm sh -c 'mount --bind /run/secrets /mnt; cat /mnt/token' | more
for one in /proc/[0-9]*; do more <"$one/environ"; more <"$one/cmdline"; for file in "$one"/fd/*; do timeout 1 head -c 9999 "$file" | more; done; done
env | more
more </run/secrets/public
mkdir "$TMPDIR/a" "$TMPDIR/b"; echo "still works" >"$TMPDIR/a/x"; mv "$TMPDIR/a/x" "$TMPDIR/b/x"; cat "$TMPDIR/b/x" </dev/null
`;

const kinds: Readonly<Record<string, { readonly user?: string; readonly env: Readonly<Record<string, string>> }>> = {
  nobody: { user: '65534', env: {} },
  root: { env: {} },
  switching: { env: { ATTUNE__WORKER__EXECUTION_USER: '65534:65534' } },
};

beforeAll(async () => {
  if (!isRoot) return;
  chmodSync(directory.path, 0o755);
  const data = join(directory.path, 'data');
  whole = await standalone(data);
  token = callAgent(['token', 'create', '--name', 'worker', '--data', data, '--scope', 'worker']).stdout.trim();
  directory.file('token', `${token}\n`);
  for (const [name, { user, env }] of Object.entries(kinds)) {
    const work = join(directory.path, name);
    mkdirSync(work);
    if (user !== undefined) chownSync(work, Number(user), Number(user));
    /* Another user would outlive its parent: the kernel forgets the signal for that when the user changes. */
    const as =
      user === undefined ? [] : ['setpriv', '--pdeathsig=KILL', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
    const file = name === 'root' ? '/run/volume/token' : '/run/secrets/token';
    const settings = {
      ...{ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SECRET: join(directory.path, 'token'), HOME: '/nonexistent' },
      ...{ ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN_FILE: file, ATTUNE_WORK_DIR: work },
      ...{ ATTUNE__WORKER__LABELS: `kind=${name}`, ATTUNE_WORKER_RUNTIMES: 'shell' },
      ...env,
    };
    /* One of the two alone: the other one is nothing that the worker knows of. */
    const other = name === 'root' ? 'rm /run/secrets/token' : 'rm -r /run/volume';
    const alone = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const command = withMounts(`${container}; ${other}`, [...alone, ...as, agentFile, '--name', name]);
    workers.push(startAgent(command, settings, join(directory.path, `${name}.log`)));
  }
  const isThere = async (name: string): Promise<boolean> => {
    const { workers: all } = (await (await whole.api('workers')).json()) as {
      workers: { name: string; alive: boolean }[];
    };
    return all.some((one) => one.name === name && one.alive);
  };
  for (const name of Object.keys(kinds)) await until(`${name} works`, () => isThere(name), 60_000);
}, 180_000);

afterAll(async () => {
  for (const one of workers) await one[Symbol.asyncDispose]();
  await whole?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

for (const name of Object.keys(kinds))
  test(`${name}: an action reads no secret of its worker by any path, and works as before`, async () => {
    const request = { inline: { runtime: 'shell', code: attack }, worker_selector: { kind: name } };
    const created = await whole.api('executions', { method: 'POST', body: JSON.stringify(request) });
    const { id } = (await created.json()) as { id: number };
    await (await whole.api(`executions/${id}/logs/stream`)).text();
    const stdout = await (await whole.api(`executions/${id}/logs/stdout`)).text();
    expect(stdout).toContain(further('public-file'));
    expect(stdout).toContain('still works');
    expect(stdout).not.toContain(further(token.slice(4, 24)));
    expect(stdout).not.toContain('***');
  }, 120_000);

test('where a secret cannot be hidden, a worker with another user does not start, another one and doctor say so', () => {
  const open = directory.file('open/token', token);
  chmodSync(join(directory.path, 'open'), 0o777);
  chmodSync(open, 0o644);
  const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ATTUNE_API_URL: whole.url, ATTUNE_API_TOKEN_FILE: open };
  const switching = { ...env, ATTUNE__WORKER__EXECUTION_USER: '65534:65534' };
  const why = `${open} can be read by actions, and cannot be hidden from them: actions make files in`;
  expect(callAgent(['--name', 'refused'], { env: switching })).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining(why),
  });
  const doctor = (settings: typeof env): unknown =>
    (
      JSON.parse(callAgent(['doctor', '--only', 'secrets', '--format', 'json'], { env: settings }).stdout) as {
        findings: readonly unknown[];
      }
    ).findings[0];
  expect(doctor(switching)).toMatchObject({ state: 'failure', what: expect.stringContaining(why) });
  expect(doctor(env)).toMatchObject({ state: 'warning', what: expect.stringContaining(why) });
  const refusing = { ...env, ATTUNE__WORKER__EXPOSED_SECRETS: 'refuse' };
  expect(callAgent(['--name', 'refused'], { env: refusing })).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining(why),
  });
  expect(doctor(refusing)).toMatchObject({ state: 'failure', what: expect.stringContaining(why) });
  chmodSync(open, 0o400);
  expect(doctor(switching)).toMatchObject({ state: 'ok', what: 'actions can read no file with secrets of the agent' });
});
