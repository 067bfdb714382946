/** Real dependencies in twelve families, by their real installers, in a root file system of their own. */

import { afterAll, beforeAll, expect } from 'bun:test';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal } from '#domain/execution-status.ts';
import { type Call, call } from '#test/support/call.ts';
import { startCluster } from '#test/support/cluster.ts';
import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import { familiesWithDependencies, writePacksWithDependencies } from '#test/support/packs-with-dependencies.ts';
import { type RootName, rootFileSystem } from '#test/support/root-file-systems.ts';
import { isRoot, rootTest as test } from '#test/support/root-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const MINUTES = 60_000;
let packs: TemporaryDirectory;

beforeAll(() => {
  packs = temporaryDirectory();
  writePacksWithDependencies(packs.path);
  if (isRoot) rootFileSystem('installers');
}, 15 * MINUTES);
afterAll(() => packs[Symbol.dispose]());

interface RunOptions {
  readonly from?: string;
  readonly root?: RootName;
  readonly env?: Readonly<Record<string, string>>;
  readonly hasNetwork?: true;
}

const greet = (
  family: string,
  temporary: TemporaryDirectory,
  { from = packs.path, root, env, ...network }: RunOptions = {},
): Call =>
  call(
    agentInRoot(['run', `${family}.greet`, '--packs', '/mnt', '-p', 'name=Ada', '--format', 'json'], {
      ...{ packs: from, temporary: temporary.path, user: '64123:0', ...network },
      ...(root === undefined ? {} : { root }),
    }),
    { env: { ...rootEnv, HOME: '/', ...env } },
  );

const greeting = (version = '1.0.0') => ({ data: { greeting: `hello Ada from tiny ${version}` } });

for (const family of familiesWithDependencies)
  test(
    `${family}: what its pack needs is made at the first use, and found at the second`,
    () => {
      using temporary = temporaryDirectory();
      const first = greet(family, temporary);
      expect({ ...first, stdout: JSON.parse(first.stdout || '{}') }).toMatchObject({ exitCode: 0, stdout: greeting() });
      if (family !== 'shell') expect(first.stderr).toContain('[attune] making the');
      const second = greet(family, temporary);
      expect([JSON.parse(second.stdout), second.stderr]).toMatchObject([
        greeting(),
        expect.not.stringContaining('[attune]'),
      ]);
    },
    5 * MINUTES,
  );

/** Other installers of the same families: what they want instead of the usual files, and how it can be seen that they did it. */
const others: readonly {
  readonly by: string;
  readonly family: string;
  readonly change: (pack: string) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly hasNetwork?: true;
}[] = [
  {
    by: 'uv',
    family: 'python',
    change: () => {},
    env: { PATH: `/usr/local/lib/uv:${rootEnv.PATH}` },
  },
  { by: 'pip environment of pack python (pyproject.toml)', family: 'python', change: withPyproject },
  {
    by: 'uv environment of pack python (pyproject.toml)',
    family: 'python',
    change: withPyproject,
    env: { PATH: `/usr/local/lib/uv:${rootEnv.PATH}` },
  },
  { by: 'pnpm', family: 'node', change: (pack) => withLock(pack, 'pnpm-lock.yaml', pnpmLock) },
  { by: 'yarn', family: 'node', change: (pack) => withLock(pack, 'yarn.lock', yarnLock) },
  { by: 'npm install', family: 'node', change: (pack) => rmSync(join(pack, 'package-lock.json')) },
  { by: 'carton', family: 'perl', change: withSnapshot },
  { by: 'javac', family: 'java', change: (pack) => withJar(pack, 'lib') },
  { by: 'gradle', family: 'java', change: withGradle, hasNetwork: true /* it wants an address of its own */ },
];

function withPyproject(pack: string): void {
  rmSync(join(pack, 'requirements.txt'));
  writeFileSync(
    join(pack, 'pyproject.toml'),
    '[project]\nname = "greet"\nversion = "1.0.0"\ndependencies = ["tiny==1.0.0"]\n',
  );
}

function withLock(pack: string, name: string, text: (tgz: Uint8Array) => string): void {
  rmSync(join(pack, 'package-lock.json'));
  writeFileSync(join(pack, name), text(readFileSync(join(pack, 'vendor/tiny-1.0.0.tgz'))));
}

function pnpmLock(tgz: Uint8Array): string {
  const file = 'file:vendor/tiny-1.0.0.tgz';
  const integrity = `sha512-${createHash('sha512').update(tgz).digest('base64')}`;
  return `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      tiny:
        specifier: ${file}
        version: ${file}

packages:

  tiny@${file}:
    resolution: {integrity: ${integrity}, tarball: ${file}}
    version: 1.0.0

snapshots:

  tiny@${file}: {}
`;
}

function yarnLock(tgz: Uint8Array): string {
  const sha1 = createHash('sha1').update(tgz).digest('hex');
  return `# yarn lockfile v1\n\n\n"tiny@file:vendor/tiny-1.0.0.tgz":\n  version "1.0.0"\n  resolved "file:vendor/tiny-1.0.0.tgz#${sha1}"\n`;
}

function withSnapshot(pack: string): void {
  mkdirSync(join(pack, 'vendor/cache'));
  for (const name of ['authors', 'modules']) renameSync(join(pack, 'vendor', name), join(pack, 'vendor/cache', name));
  const snapshot =
    '# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Tiny-1.0.0\n    pathname: T/TI/TINY/Tiny-1.0.0.tar.gz\n    provides:\n      Tiny 1.0.0\n    requirements:\n      ExtUtils::MakeMaker 0\n';
  writeFileSync(join(pack, 'cpanfile.snapshot'), snapshot);
}

/** The library as a jar, made with the compiler of the root. */
function withJar(pack: string, directory: string): void {
  const script =
    'mkdir /tmp/c /tmp/j; javac -d /tmp/c /mnt/java/src/tiny/Tiny.java; jar cf /tmp/j/tiny-1.0.0.jar -C /tmp/c .';
  using made = temporaryDirectory();
  const command = agentInRoot([], { packs: join(pack, '..'), temporary: made.path });
  const inRoot = command.slice(0, command.indexOf('chroot') + 3);
  const built = call([...inRoot, 'sh', '-ec', script], { env: rootEnv });
  if (built.exitCode !== 0) throw new Error(built.stderr);
  mkdirSync(join(pack, directory));
  copyFileSync(join(made.path, 'j/tiny-1.0.0.jar'), join(pack, directory, 'tiny-1.0.0.jar'));
  rmSync(join(pack, 'src'), { recursive: true });
}

/** The jar lies in a directory that Gradle takes for a repository. */
function withGradle(pack: string): void {
  withJar(pack, 'vendor');
  const dependencies = "dependencies { implementation ':tiny:1.0.0' }\n";
  const repositories = "repositories { flatDir { dirs 'vendor' } }\n";
  writeFileSync(join(pack, 'build.gradle'), `plugins { id 'java' }\n${repositories}${dependencies}`);
}

for (const { by, family, change, env = {}, ...network } of others)
  test(
    `${family} by ${by}`,
    () => {
      using temporary = temporaryDirectory();
      using own = temporaryDirectory();
      writePacksWithDependencies(own.path, { families: [family] });
      change(join(own.path, family));
      const offline = { ATTUNE__ENVIRONMENTS__OFFLINE: 'true', ...env };
      const first = greet(family, temporary, { from: own.path, env: offline, ...network });
      expect({ ...first, stdout: JSON.parse(first.stdout || '{}') }).toMatchObject({ exitCode: 0, stdout: greeting() });
      expect(first.stderr).toContain(`making the ${by}`);
      const second = greet(family, temporary, { from: own.path, env: offline, ...network });
      expect([JSON.parse(second.stdout), second.stderr]).toMatchObject([
        greeting(),
        expect.not.stringContaining('[attune]'),
      ]);
    },
    5 * MINUTES,
  );

test(
  'a changed manifest is another environment, and so is a changed source of a program',
  () => {
    using temporary = temporaryDirectory();
    using changing = temporaryDirectory();
    const families = ['python', 'node', 'go'];
    for (const version of ['1.0.0', '1.1.0', '1.0.0']) {
      for (const family of families) rmSync(join(changing.path, family), { recursive: true, force: true });
      writePacksWithDependencies(changing.path, { version, families });
      for (const family of families)
        expect(JSON.parse(greet(family, temporary, { from: changing.path }).stdout)).toMatchObject(greeting(version));
    }
    appendFileSync(join(changing.path, 'node/actions/greet.mjs'), 'console.log(JSON.stringify("edited"));\n');
    const edited = greet('node', temporary, { from: changing.path });
    expect(JSON.parse(edited.stdout)).toMatchObject({ data: 'edited' });
    expect(edited.stderr).not.toContain('npm');
    appendFileSync(join(changing.path, 'node/actions/greet.mjs'), 'throw new Error("boom");\n');
    const thrown = greet('node', temporary, { from: changing.path });
    expect(thrown.stderr).toMatch(/^ +at file:\/\/\/mnt\/node\/actions\/greet\.mjs:\d+:\d+$/m);
  },
  5 * MINUTES,
);

test(
  'what cannot be installed says why, is not tried again at once, and is as soon as the pack changes',
  () => {
    using temporary = temporaryDirectory();
    using broken = temporaryDirectory();
    writePacksWithDependencies(broken.path, { families: ['python'] });
    broken.file('python/requirements.txt', 'nowhere-to-be-found==1.0\n');
    const env = { ATTUNE__ENVIRONMENTS__OFFLINE: 'true' };
    const error = (): string => JSON.parse(greet('python', temporary, { from: broken.path, env }).stdout).error;
    const first = error();
    expect(first).toMatch(
      /^not started: pip failed for requirements\.txt of pack python: Could not find a version that satisfies the requirement nowhere-to-be-found/,
    );
    expect(error()).toMatch(
      /nowhere-to-be-found.*\(tried not long ago; it is tried again in [1-5] s, or when the pack changes\)/,
    );
    writePacksWithDependencies(broken.path, { families: ['python'] });
    expect(JSON.parse(greet('python', temporary, { from: broken.path, env }).stdout)).toMatchObject(greeting());
  },
  5 * MINUTES,
);

test(
  'a missing installer is named, with what to do',
  () => {
    using temporary = temporaryDirectory();
    const missing = (family: string, root: RootName): string =>
      JSON.parse(greet(family, temporary, { root }).stdout).error;
    expect(missing('python', 'python')).toContain('python3-venv');
    expect(missing('ruby', 'families')).toContain('install bundler in the image');
    expect(missing('node', 'families')).toContain('use an image with npm');
    expect(missing('perl', 'families')).toContain('install cpanminus and make in the image');
  },
  5 * MINUTES,
);

const everything = async (
  submit: (action: string) => Promise<number>,
  read: (id: number) => Promise<{ status: string; result: unknown }>,
): Promise<void> => {
  const ids = new Map<string, number>();
  for (const family of familiesWithDependencies) ids.set(family, await submit(`${family}.greet`));
  for (const [family, id] of ids) {
    const hasEnded = async (): Promise<boolean> => isFinal((await read(id)).status);
    await until(`${family} ends`, hasEnded, 4 * MINUTES);
    expect({ family, ...(await read(id)) }).toMatchObject({ family, status: 'completed', result: greeting() });
  }
};

test(
  'all twelve by a standalone in that root',
  async () => {
    const wrap = (args: readonly string[]) => agentInRoot(args, { packs: packs.path, hasNetwork: true });
    const env = {
      ...rootEnv,
      ATTUNE_WORKER_RUNTIMES: familiesWithDependencies.join(','),
      ATTUNE_PACKS_DIR: '/mnt',
      ATTUNE__ENVIRONMENTS__OFFLINE: 'true',
    };
    await using whole = await standalone('/tmp/data', env, { wrap });
    await everything(
      async (action) => {
        const body = JSON.stringify({ action_ref: action, parameters: { name: 'Ada' } });
        return ((await (await whole.api('executions', { method: 'POST', body })).json()) as { id: number }).id;
      },
      async (id) => (await (await whole.api(`executions/${id}`)).json()) as { status: string; result: unknown },
    );
  },
  8 * MINUTES,
);

test(
  'all twelve through PostgreSQL and RabbitMQ; of 20 executions on two workers that share a volume, one builds',
  async () => {
    await using cluster = await startCluster({ actions: {} });
    using temporary = temporaryDirectory();
    writePacksWithDependencies(cluster.packs.path);
    cluster.startServer();
    await cluster.answers();
    const wrap = (args: readonly string[]) =>
      agentInRoot(args, { packs: cluster.packs.path, temporary: temporary.path, hasNetwork: true });
    const env = {
      ...rootEnv,
      ATTUNE_WORKER_RUNTIMES: familiesWithDependencies.join(','),
      ATTUNE_PACKS_DIR: '/mnt',
      ATTUNE__ENVIRONMENTS__OFFLINE: 'true',
    };
    for (const name of ['first', 'second']) cluster.startWorker(name, env, wrap);
    const parameters = { name: 'Ada' };
    const submit = (ref: string): Promise<number> => cluster.submit(ref, parameters);
    const ids = await Promise.all(
      ['python', 'node', 'go'].flatMap((family) => Array.from({ length: 20 }, () => submit(`${family}.greet`))),
    );
    const ended: Awaited<ReturnType<typeof cluster.reaches>>[] = [];
    for (const id of ids) ended.push(await cluster.reaches(id, 'completed', 'failed', 'timeout'));
    expect(ended.filter((one) => one.status !== 'completed')).toEqual([]);
    expect(new Set(ended.map((one) => one.worker)).size).toBe(2);
    const built = await cluster.sql`
      SELECT substring(convert_from(data, 'UTF8') FROM 'making the (.*?) environment') AS what, count(*)::int AS times
      FROM execution_log WHERE convert_from(data, 'UTF8') LIKE '%making the%' GROUP BY 1 ORDER BY 1`;
    expect(built.map((row) => [row['what'], row['times']])).toEqual([
      ['go build', 1],
      ['modules', 1],
      ['npm ci', 1],
      ['pip', 1],
    ]);
    await everything(submit, cluster.execution);
    const rows = await cluster.sql`SELECT DISTINCT status FROM pack_environment`;
    expect(rows.map((row) => row['status'])).toEqual(['ready']);
  },
  8 * MINUTES,
);
