/**
 * What installs the dependencies of a pack is code of that pack: with execution_user it is that user, within the limits,
 * and what it leaves is read-only for actions, and leads the agent nowhere.
 */
import { expect } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { rootTest } from '#test/support/root-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const asUser = { ATTUNE__WORKER__EXECUTION_USER: '65534:65534' };

interface Pack extends TemporaryDirectory {
  run(env: Readonly<Record<string, string>>): Call;
  /** The directory of the environment. */
  environment(): string;
}

interface Scripts {
  /** $1 is the directory of the environment. */
  readonly install: string;
  readonly actions: Readonly<Record<string, string>>;
}

function describePack(directory: TemporaryDirectory, ref: string, { install, actions }: Scripts): void {
  const execution_config = {
    environment: { env_type: 'own', dir_name: 'made', create_command: ['/bin/mkdir', '-p', '{env_dir}'] },
    dependencies: { manifest_file: 'deps.txt', install_command: ['/bin/sh', '-c', install, 'sh', '{env_dir}'] },
    env_vars: { MADE: '{env_dir}' },
  };
  directory.file(`packs/${ref}/pack.yaml`, `ref: ${ref}\nversion: 1.0.0\n`);
  directory.file(`packs/${ref}/runtimes/shell.yaml`, JSON.stringify({ name: 'shell', execution_config }));
  directory.file(`packs/${ref}/deps.txt`, 'one\n');
  for (const [name, script] of Object.entries(actions)) {
    directory.file(`packs/${ref}/actions/${name}.yaml`, `entry_point: ${name}.sh\n`);
    directory.file(`packs/${ref}/actions/${name}.sh`, script);
  }
}

/** A pack whose installer is one script, $1 being its directory, and whose action is another. */
function pack(install: string, action: string): Pack {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  mkdirSync(join(directory.path, 'work'), { mode: 0o755 });
  describePack(directory, 'evil', { install, actions: { go: action } });
  const kept = join(directory.path, 'work/attune-cache-0/runtime_envs/evil');
  return {
    ...directory,
    environment: () => join(kept, readdirSync(kept).find((name) => !name.startsWith('.')) ?? 'none'),
    run: (env) =>
      callAgent(['run', 'evil.go'], {
        env: {
          PATH: '/usr/bin:/bin',
          HOME: '/root',
          ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
          ATTUNE_WORK_DIR: join(directory.path, 'work'),
          ...env,
        },
      }),
  };
}

rootTest('installers are the user of executions, and have its limits', () => {
  const install =
    'mkdir -p "$1"; { id -u; id -g; ulimit -n; echo "$HOME"; cat /root/.profile || echo closed; } > "$1/told"';
  using evil = pack(install, 'cat "$MADE/told"');
  const { stdout, stderr } = evil.run({ ...asUser, ATTUNE__LIMITS__OPEN_FILES: '77' });
  const [uid, gid, files, home, profile] = stdout.split('\n');
  expect([uid, gid, files, profile], stderr).toEqual(['65534', '65534', '77', 'closed']);
  expect(home).toStartWith(evil.path);
});

rootTest('an environment and the cache of installers are read-only for actions, whoever installed them', () => {
  const install =
    'mkdir -p "$1/deep"; echo good > "$1/deep/module"; chmod 777 "$1" "$1/deep"; chmod 666 "$1/deep/module"';
  const plant = `cat "$MADE/deep/module"; cd "$MADE"
chmod 777 deep; echo evil > deep/module; echo evil > deep/planted; rm -f deep/module; mv deep away; echo evil > ../ready.json
for place in "$ATTUNE_RUNTIME_ENVS_DIR" "$ATTUNE_RUNTIME_ENVS_DIR/.cache" "$ATTUNE_RUNTIME_ENVS_DIR/evil" "$ATTUNE_RUNTIME_ENVS_DIR/.."; do
  touch "$place/planted" && echo "wrote into $place"; mv "$place" "$place.away" && echo "moved $place"
done
ls "$ATTUNE_RUNTIME_ENVS_DIR/.cache" && echo listed
exit 0
`;
  using evil = pack(install, plant);
  for (let round = 0; round < 2; round++) expect(evil.run(asUser).stdout).toBe('good\n');
  const made = join(evil.environment(), 'made');
  expect(call(['find', `${evil.environment()}/`, '!', '-user', '0']).stdout).toBe('');
  expect(call(['find', `${evil.environment()}/`, '!', '-type', 'l', '-perm', '/022']).stdout).toBe('');
  expect(readdirSync(join(made, 'deep'))).toEqual(['module']);
});

rootTest('without another user an environment has no write permission, and can still be removed', () => {
  const install = 'mkdir -p "$1/deep"; echo good > "$1/deep/module"; mkdir "$1/closed"; chmod 000 "$1/closed"';
  using evil = pack(
    install,
    'cd "$MADE/deep"; cat module; echo evil > module; echo evil > planted; mkdir -p "$TMPDIR/a/b"; chmod 000 "$TMPDIR/a"; exit 0',
  );
  const work = join(evil.path, 'work');
  call(['chown', '65534:65534', work]);
  const asNobody = (...args: readonly string[]): Call =>
    call(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', agentFile, ...args], {
      env: { PATH: '/usr/bin:/bin', ATTUNE_PACKS_DIR: join(evil.path, 'packs'), ATTUNE_WORK_DIR: work },
    });
  for (let round = 0; round < 2; round++) expect(asNobody('run', 'evil.go').stdout).toBe('good\n');
  expect(readdirSync(join(work, 'attune-cache-65534/executions'))).toEqual([]);
  expect(asNobody('environments', 'prune', '--all').exitCode).toBe(0);
  expect(readdirSync(join(work, 'attune-cache-65534/runtime_envs/evil'))).toEqual([]);
});

/** A standalone whose worker is an ordinary user, as are its installers and actions; what an action prints on stdout and stderr. */
async function asNobody(packs: Pack): Promise<AsyncDisposable & { run(action: string): Promise<readonly string[]> }> {
  const [work, data] = [join(packs.path, 'work'), join(packs.path, 'data')];
  mkdirSync(data);
  call(['chown', '65534:65534', work, data]);
  const as = ['setpriv', '--pdeathsig=KILL', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const env = {
    ATTUNE_PACKS_DIR: join(packs.path, 'packs'),
    ATTUNE_WORK_DIR: work,
    HOME: data,
    ATTUNE_WORKER_RUNTIMES: 'shell',
  };
  const whole = await standalone(data, env, { wrap: (args) => [...as, agentFile, ...args] });
  return {
    run: async (action_ref) => {
      const created = await whole.api('executions', { method: 'POST', body: JSON.stringify({ action_ref }) });
      const { id } = (await created.json()) as { id: number };
      await (await whole.api(`executions/${id}/logs/stream`)).text();
      const logs = ['stdout', 'stderr'].map(async (name) => (await whole.api(`executions/${id}/logs/${name}`)).text());
      return await Promise.all(logs);
    },
    [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
  };
}

const plants = {
  change: 'touch -r xdg/module "$TMPDIR/before"; echo evil > xdg/module; touch -r "$TMPDIR/before" xdg/module',
  replace: 'cp -r xdg other; rm -rf xdg; echo evil > other/module; mv other xdg',
  link: 'mkdir "$TMPDIR/../evil" || true; echo evil > "$TMPDIR/../evil/module"; rm -rf xdg; ln -s "$TMPDIR/../evil" xdg',
  whole: 'cp -r . ../other; cd ..; rm -rf good; mv other good; echo evil > good/xdg/module',
};

rootTest(
  'without another user, an installer takes nothing that an action has put into the cache of its pack',
  async () => {
    const install =
      'mkdir -p "$1" "$XDG_CACHE_HOME"; cd "$XDG_CACHE_HOME"; test -e module || cp "$OLDPWD/deps.txt" module; cp module "$1"';
    using both = pack(install, 'exit 0');
    const actions = Object.entries(plants).map(([name, attack]) => [
      name,
      `cd "$ATTUNE_RUNTIME_ENVS_DIR/.cache/good" && ${attack} && echo done`,
    ]);
    describePack(both, 'evil', { install, actions: Object.fromEntries(actions) });
    describePack(both, 'good', { install, actions: { go: 'cat "$MADE/module"' } });
    await using nobody = await asNobody(both);
    const installed = async (dependencies: string): Promise<string | undefined> => {
      both.file('packs/good/deps.txt', `${dependencies}\n`);
      return (await nobody.run('good.go'))[0];
    };
    expect(await installed('first')).toBe('first\n');
    expect(await installed('second')).toBe('first\n');
    for (const name of Object.keys(plants)) {
      expect([name, (await nobody.run(`evil.${name}`))[0]]).toEqual([name, 'done\n']);
      expect([name, await installed(`after ${name}`)]).toEqual([name, `after ${name}\n`]);
    }
  },
  180_000,
);

const attacks = {
  plant: 'chmod -R u+w .; echo evil > deep/planted',
  other:
    'cp -p deep/module "$TMPDIR/before"; chmod u+w deep/module; echo evil > deep/module; touch -r "$TMPDIR/before" deep/module; chmod a-w deep/module',
  name: 'ln deep/module "$TMPDIR/name"; chmod u+w "$TMPDIR/name"; echo evil > "$TMPDIR/name"; chmod a-w "$TMPDIR/name"',
  exchange: 'chmod u+w .; mv deep away; cp -r away deep; chmod u+w deep; echo evil > deep/more',
};

rootTest(
  'without another user, nothing is used that an action has changed in the environment of another pack',
  async () => {
    const install = 'mkdir -p "$1/deep"; echo good > "$1/deep/module"';
    using both = pack(install, 'exit 0');
    const actions = Object.entries(attacks).map(([name, attack]) => [
      name,
      `cd "$ATTUNE_RUNTIME_ENVS_DIR"/good/*/made && ${attack} && echo done`,
    ]);
    describePack(both, 'evil', { install, actions: Object.fromEntries(actions) });
    describePack(both, 'good', { install, actions: { go: 'cd "$MADE/deep"; grep -r . .' } });
    await using nobody = await asNobody(both);
    const { run } = nobody;
    expect(await run('good.go')).toEqual(['./module:good\n', expect.stringContaining('made in')]);
    for (const name of Object.keys(attacks)) {
      expect(await run('good.go')).toEqual(['./module:good\n', '']);
      expect([name, (await run(`evil.${name}`))[0]]).toEqual([name, 'done\n']);
      const [stdout, stderr] = await run('good.go');
      expect([name, stdout, stderr]).toEqual([
        name,
        './module:good\n',
        expect.stringContaining('has been changed since it was built: it is built again'),
      ]);
    }
  },
  180_000,
);

rootTest('what an installer leaves leads the agent to no other file', () => {
  const install = `cd "$1/.." && ln -s "$VICTIMS/note" ready.json && ln "$VICTIMS/hard" hard; mkfifo pipe
rm -rf tmp; ln -s "$VICTIMS/directory" tmp; rm -rf cache; ln -s "$VICTIMS/directory" cache; exit 0
`;
  using evil = pack(install.replaceAll('$VICTIMS', '/tmp/none'), 'echo ran');
  const victims = join(evil.path, 'victims');
  mkdirSync(join(victims, 'directory'), { recursive: true });
  for (const name of ['note', 'hard', 'directory/file']) writeFileSync(join(victims, name), 'whole', { mode: 0o600 });
  const yaml = join(evil.path, 'packs/evil/runtimes/shell.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replaceAll('/tmp/none', victims));
  expect(evil.run(asUser).stdout).toBe('ran\n');
  for (const name of ['note', 'hard', 'directory/file']) {
    const { mode, uid } = statSync(join(victims, name));
    expect([readFileSync(join(victims, name), 'utf8'), mode & 0o777, uid]).toEqual(['whole', 0o600, 0]);
  }
  expect(existsSync(join(evil.environment(), 'pipe'))).toBe(false);
});

rootTest('an environment that was changed is built again before its first use after a restart', () => {
  using evil = pack('mkdir -p "$1"; echo good > "$1/module"', 'cat "$MADE/module"');
  expect(evil.run({}).stdout).toBe('good\n');
  writeFileSync(join(evil.environment(), 'made/module'), 'evil\n');
  const again = evil.run({});
  expect([again.stdout, again.stderr]).toEqual([
    'good\n',
    expect.stringContaining('has been changed since it was built: it is built again'),
  ]);
});

rootTest(
  'a work directory that actions could rename in is mended where root owns it, and refused where it cannot be',
  () => {
    using evil = pack(
      'exit 0',
      'cd "$ATTUNE_RUNTIME_ENVS_DIR/../.." && mv attune-cache-0 away && echo renamed; exit 0',
    );
    const work = join(evil.path, 'work');
    chmodSync(work, 0o777);
    expect(evil.run(asUser)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(statSync(work).mode & 0o7777).toBe(0o1777);
    mkdirSync(join(work, 'open/inner'), { recursive: true });
    chmodSync(join(work, 'open'), 0o777);
    const refused = evil.run({ ...asUser, ATTUNE_WORK_DIR: join(work, 'open/inner') });
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`chmod +t ${join(work, 'open')}`)]);
    call(['chown', '65534', join(work, 'open')]);
    chmodSync(join(work, 'open'), 0o755);
    expect(evil.run({ ...asUser, ATTUNE_RUNTIME_ENVS_DIR: join(work, 'open') }).stderr).toContain('chown root');
  },
);
