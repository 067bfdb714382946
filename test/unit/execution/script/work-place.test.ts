import { expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** A process that has a private directory in there, with a file in it. */
async function holder(place: string): Promise<{ readonly path: string; kill(): Promise<void> }> {
  const program = `import { findWorkPlace } from '#execution/script/work-place.ts';
    const place = findWorkPlace({}, { work_dir: ${JSON.stringify(place)} });
    const { path } = place.value.directories.take();
    await Bun.write(path + '/parameters', '{}');
    console.log(path); await Bun.sleep(60_000);`;
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', cwd: projectRoot });
  const { value } = await child.stdout.getReader().read();
  return {
    path: new TextDecoder().decode(value).trim(),
    kill: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

test('what killed agents have left is removed; what is in use, or of unknown origin, stays', async () => {
  using directory = temporaryDirectory();
  const [killed, alive] = [await holder(directory.path), await holder(directory.path)];
  await killed.kill();
  const found = findWorkPlace({}, { work_dir: directory.path });
  if (!found.ok) throw new Error(found.error);
  await using own = found.value.directories.take();
  const below = relative(directory.path, found.value.executions);
  directory.file(`${below}/0badc0de-1-1-foreign/parameters`, '');
  directory.file(`${below}/somebody/else`, '');
  expect([killed, alive].map((one) => existsSync(join(one.path, 'parameters')))).toEqual([true, true]);
  expect(await found.value.removeAbandoned()).toBe(1);
  expect([killed, alive].map((one) => existsSync(one.path))).toEqual([false, true]);
  expect(existsSync(own.path)).toBe(true);
  expect(readdirSync(found.value.executions)).toEqual(expect.arrayContaining(['0badc0de-1-1-foreign', 'somebody']));
  await alive.kill();
});

test('what an action leaves is removed without following its links', async () => {
  using directory = temporaryDirectory();
  const outside = directory.file('outside/kept', 'kept');
  mkdirSync(join(directory.path, 'work'));
  const found = findWorkPlace({}, { work_dir: join(directory.path, 'work') });
  if (!found.ok) throw new Error(found.error);
  const own = found.value.directories.take();
  rmdirSync(own.artifacts);
  symlinkSync(dirname(outside), own.artifacts);
  symlinkSync(dirname(outside), join(own.temporary, 'link'));
  symlinkSync('/', join(own.path, 'root'));
  await own[Symbol.asyncDispose]();
  expect(readdirSync(found.value.executions)).toEqual([]);
  expect(readFileSync(outside, 'utf8')).toBe('kept');
});

test.each([
  ['a file', (path: string) => writeFileSync(path, '')],
  ['a link to nowhere', (path: string) => symlinkSync('/nonexistent/directory', path)],
  ['a link to a directory', (path: string) => symlinkSync('/etc', path)],
  [
    'a directory that everybody may write to',
    (path: string) => chmodSync(mkdirSync(path, { recursive: true }) ?? path, 0o777),
  ],
])('%s in the place of the cache keeps no agent from starting, and is not used', (_, plant) => {
  using directory = temporaryDirectory();
  const planted = join(directory.path, `attune-cache-${process.getuid?.() ?? 0}`);
  plant(planted);
  const found = findWorkPlace({}, { work_dir: directory.path });
  if (!found.ok) throw new Error(found.error);
  expect(found.value.cache).not.toBe(planted);
  expect(dirname(found.value.cache)).toBe(directory.path);
  expect(statSync(found.value.cache).mode & 0o777).toBe(0o700);
});

test('an agent that begins beside one whose executions are other users leaves them their way', async () => {
  using directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  const settings = { work_dir: directory.path };
  const withUsers = findWorkPlace({}, { ...settings, worker: { execution_user: '65534' } });
  if (!withUsers.ok) throw new Error(withUsers.error);
  const { cache, executions, directories } = withUsers.value;
  const mayPass = (): readonly boolean[] => [cache, executions].map((one) => (statSync(one).mode & 0o011) === 0o011);
  expect(mayPass()).toEqual([true, true]);
  expect(findWorkPlace({}, settings).ok).toBe(true);
  expect(mayPass()).toEqual([true, true]);
  for (const one of [cache, executions]) chmodSync(one, 0o700);
  await using _ = directories.take();
  expect(mayPass()).toEqual([true, true]);
});
