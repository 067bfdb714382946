/** Names that an action writes lead the agent, which is root, nowhere: neither its artifacts nor what it leaves behind. */
import { expect } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { giveRights } from '#test/support/access-lists.ts';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { forbidding, lacking, OPENAT2, withoutExecutableMemory } from '#test/support/deny.ts';
import { withMounts } from '#test/support/namespace.ts';
import { mountTest, rootTest } from '#test/support/root-test.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const user = { ATTUNE__WORKER__EXECUTION_USER: '65534:65534' };

/** A pack `hostile` with one shell script for each action. */
function packOf(directory: TemporaryDirectory, actions: Readonly<Record<string, string>>): string {
  chmodSync(directory.path, 0o755);
  directory.file('packs/hostile/pack.yaml', 'ref: hostile\nversion: 1.0.0\n');
  for (const [name, code] of Object.entries(actions)) {
    directory.file(`packs/hostile/actions/${name}.yaml`, `entry_point: ${name}.sh\noutput_format: text\n`);
    directory.file(`packs/hostile/actions/${name}.sh`, code);
  }
  return join(directory.path, 'packs');
}

interface Kept {
  /** Artifacts by name, each with its text or with why it could not be read. */
  readonly artifacts: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

async function submit(whole: Standalone, action: string): Promise<Kept> {
  callAgent(['submit', action, '--api-url', whole.url], {
    env: { ATTUNE_API_TOKEN: whole.token ?? '' },
  });
  const { executions } = (await (await whole.api('executions?limit=1&fields=result')).json()) as {
    executions: { id: number; result: { artifact_errors?: string[] } }[];
  };
  const [execution] = executions;
  const listed = await whole.api(`artifacts?execution=${execution?.id}`);
  const { artifacts } = (await listed.json()) as { artifacts: { id: number; name: string }[] };
  const texts = artifacts.map(async ({ id, name }) => {
    const content = whole.api(`artifacts/${id}/content`).then((one) => one.text());
    return [name, await content.catch((error: Error) => `broken: ${error.message}`)] as const;
  });
  return {
    artifacts: Object.fromEntries(await Promise.all(texts)),
    problems: execution?.result.artifact_errors ?? [],
  };
}

rootTest('links, pipes, devices and files of others among the artifacts are not published', async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const secret = directory.file('secret/key', 'hunter2', 0o600);
  const traps = `cd "$ATTUNE_ARTIFACTS_DIR" && echo own > own && mkdir -p deep && echo deep > deep/own
ln -s ${secret} link; ln -s ${data}/encryption-key key; ln -s /proc/self/environ environ; ln -s ${directory.path}/secret directory
ln ${secret} hard; mkfifo pipe; mknod null c 1 3; ln -s /root deep/root
`;
  const packs = packOf(directory, {
    traps,
    root: `rmdir "$ATTUNE_ARTIFACTS_DIR" && ln -s ${directory.path}/secret "$ATTUNE_ARTIFACTS_DIR"`,
    proc: 'rmdir "$ATTUNE_ARTIFACTS_DIR" && ln -s /proc/self "$ATTUNE_ARTIFACTS_DIR"',
  });
  chmodSync(join(directory.path, 'secret'), 0o755);
  await using whole = await standalone(data, { ...user, ATTUNE_PACKS_DIR: packs });
  expect((await submit(whole, 'hostile.traps')).artifacts).toEqual({ own: 'own\n', 'deep/own': 'deep\n' });
  for (const action of ['hostile.root', 'hostile.proc']) {
    const { artifacts, problems } = await submit(whole, action);
    expect(artifacts).toEqual({});
    expect(problems).toEqual([expect.stringContaining('artifacts cannot be listed')]);
  }
});

rootTest('a process that stays behind cannot change what is collected: it has ended before', async () => {
  using directory = temporaryDirectory();
  const secret = directory.file('secret', 'hunter2', 0o600);
  const swap = `cd "$ATTUNE_ARTIFACTS_DIR" && echo own > file || exit 1
setsid sh -c 'cd "$ATTUNE_ARTIFACTS_DIR"; while :; do ln -sf ${secret} a; mv -f a file; echo own > b; mv -f b file; done' > /dev/null 2>&1 < /dev/null &
until [ -L file ]; do :; done
`;
  const packs = packOf(directory, { swap });
  await using whole = await standalone(join(directory.path, 'data'), { ...user, ATTUNE_PACKS_DIR: packs });
  for (let round = 0; round < 5; round++) {
    const { artifacts } = await submit(whole, 'hostile.swap');
    expect(Object.values(artifacts).join('')).not.toContain('hunter2');
    expect(call(['pgrep', '-f', `ln -sf ${secret}`]).stdout).toBe('');
  }
});

rootTest('what is left behind is removed without following links', async () => {
  using directory = temporaryDirectory();
  const kept = directory.file('kept/file', 'kept');
  call(['chown', '-R', '65534', join(directory.path, 'kept')]);
  const leave = `cd "$TMPDIR"; ln -s ${directory.path}/kept link; mkdir -p a/b/c && chmod 000 a/b; cd ..
rm -rf artifacts && ln -s ${directory.path}/kept artifacts; mv tmp moved; ln -s ${directory.path}/kept tmp
mv "$PWD" "$PWD.away" 2>/dev/null && echo renamed
exit 0
`;
  const work = join(directory.path, 'work');
  mkdirSync(work, { mode: 0o777 });
  chmodSync(work, 0o777);
  const file = directory.file('leave.sh', leave);
  chmodSync(directory.path, 0o755);
  const { stdout, stderr } = callAgent(['run', file], {
    env: { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: work, ...user },
  });
  expect(stdout, stderr).toBe('');
  expect(readFileSync(kept, 'utf8')).toBe('kept');
  expect(readdirSync(join(work, 'attune-cache-0/executions'))).toEqual([]);
});

const kernels = {
  'a kernel with openat2': (command: readonly string[]) => command,
  'a kernel without it': (command: readonly string[]) => lacking([OPENAT2], command),
  'a policy that refuses it': (command: readonly string[]) => forbidding([OPENAT2], command),
  'no executable memory': withoutExecutableMemory,
};

for (const [where, wrap] of Object.entries(kernels))
  mountTest(`${where}: files that an action has mounted among its artifacts are not published`, async () => {
    using directory = temporaryDirectory();
    const secret = directory.file('secret/file', 'hunter2');
    const mounted = `cd "$ATTUNE_ARTIFACTS_DIR" && mkdir -p in/at && echo own > own && touch bound
mount --bind ${directory.path}/secret in/at && mount --bind ${secret} bound`;
    const env = { ATTUNE_PACKS_DIR: packOf(directory, { mounted }), ATTUNE_WORK_DIR: directory.path };
    const inMounts = (args: readonly string[]): readonly string[] => withMounts('true', wrap([agentFile, ...args]));
    await using whole = await standalone(join(directory.path, 'data'), env, { wrap: inMounts });
    const { artifacts, problems } = await submit(whole, 'hostile.mounted');
    expect(artifacts).toEqual({ own: 'own\n' });
    const refused = ['artifact bound was not stored: bound: EXDEV', 'artifacts in in/at were not stored: at: EXDEV'];
    expect(problems.toSorted()).toEqual(refused);
  });

mountTest('what an action leaves mounted in its directory is not emptied', () => {
  using directory = temporaryDirectory();
  const kept = directory.file('kept/file', 'kept');
  const file = directory.file('leave.sh', `mkdir "$TMPDIR/a b" && mount --bind ${directory.path}/kept "$TMPDIR/a b"`);
  const { stderr } = call(withMounts('true', [agentFile, 'run', file]), {
    env: { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: directory.path },
  });
  expect(stderr).toContain('succeeded');
  expect(readFileSync(kept, 'utf8')).toBe('kept');
});

rootTest('an access control list lets actions write nothing, and read no secret, that modes seem to close', () => {
  using directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  const file = directory.file('hello.sh', 'echo hello');
  for (const name of ['open/work', 'default', 'of-another']) mkdirSync(join(directory.path, name), { recursive: true });
  giveRights(join(directory.path, 'open'), 'access', [65_534, 7]);
  giveRights(join(directory.path, 'default'), 'default', [65_534, 7]);
  giveRights(join(directory.path, 'of-another'), 'access', [65_533, 7]);
  const run = (place: string): string => {
    const env = { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: join(directory.path, place), ...user };
    const { stdout, stderr } = callAgent(['run', file], { env });
    return stdout + stderr;
  };
  expect(run('open/work')).toContain(`${directory.path}/open (mode 0771, owner 0): chmod +t ${directory.path}/open`);
  expect(run('default')).toContain(`setfacl -k ${directory.path}/default`);
  expect(run('of-another')).toContain('hello\n');
  const secret = directory.file('of-another/token', 'att_hunter2', 0o600);
  giveRights(secret, 'access', [65_534, 4]);
  const env = { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: '/tmp', ATTUNE_API_URL: 'http://127.0.0.1:1', ...user };
  const worker = callAgent([], { env: { ...env, ATTUNE_API_TOKEN_FILE: secret } });
  expect([worker.exitCode, worker.stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining(`${secret} can be read by actions`),
  ]);
});

rootTest('the server serves no link in a directory of artifacts, and no bytes but those that were kept', async () => {
  using directory = temporaryDirectory();
  const artifacts = join(directory.path, 'artifacts');
  const secret = directory.file('secret', 'hunter2');
  const packs = packOf(directory, { own: 'echo own > "$ATTUNE_ARTIFACTS_DIR/file"' });
  const env = { ATTUNE_PACKS_DIR: packs, ATTUNE__ARTIFACTS__DIRECTORY: artifacts };
  await using whole = await standalone(join(directory.path, 'data'), env);
  expect((await submit(whole, 'hostile.own')).artifacts).toEqual({ file: 'own\n' });
  const stored = join(artifacts, '1/1/file');
  expect(existsSync(stored)).toBe(true);
  rmSync(stored);
  symlinkSync(secret, stored);
  const linked = await whole.api('artifacts/1/content');
  expect([linked.status, await linked.text()]).toEqual([404, expect.not.stringContaining('hunter2')]);
  rmSync(stored);
  directory.file('artifacts/1/1/file', 'evl\n');
  for (const headers of [{}, { range: 'bytes=0-1' }]) {
    const read = whole.api('artifacts/1/content', { headers }).then((one) => one.text());
    expect(await read.catch(() => 'broken off')).not.toMatch(/ev|vl/);
  }
});

rootTest('install changes no file that a link in its place leads to', () => {
  using directory = temporaryDirectory();
  const victim = directory.file('victim', readFileSync(agentFile), 0o600);
  mkdirSync(join(directory.path, 'volume'));
  symlinkSync(victim, join(directory.path, 'volume/attune-agent'));
  expect(callAgent(['install', join(directory.path, 'volume')]).exitCode).toBe(0);
  expect(call(['stat', '-c', '%a', victim]).stdout).toBe('600\n');
  expect(call(['stat', '-c', '%a %F', join(directory.path, 'volume/attune-agent')]).stdout).toBe('755 regular file\n');
});
