import { expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createWorkDirectories, type WorkDirectories, type WorkDirectory } from '#execution/script/work-directories.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

/** Directories that are made ahead, and one of them that is old enough to be used again. */
async function settled(
  place: string,
): Promise<Disposable & { readonly all: WorkDirectories; readonly one: WorkDirectory }> {
  const all = createWorkDirectories(place, 'mark-');
  const spare = all.keepSpare();
  const first = all.take();
  first.makeHome();
  await first[Symbol.asyncDispose]();
  const since = performance.now();
  await until('some time has passed', () => performance.now() - since > 100);
  const one = all.take();
  one.makeHome();
  return { all, one, [Symbol.dispose]: () => spare[Symbol.dispose]() };
}

/** The paths of as many directories as there may be spare ones. */
function taken(all: WorkDirectories): readonly string[] {
  return Array.from({ length: 40 }, () => all.take().path);
}

test('a directory that an execution has left as it was is used again', async () => {
  using directory = temporaryDirectory();
  using made = await settled(directory.path);
  expect(readdirSync(made.one.path).toSorted()).toEqual(['artifacts', 'home', 'tmp']);
  await made.one[Symbol.asyncDispose]();
  expect(taken(made.all)).toContain(made.one.path);
});

test('directories are made anew for each execution until somebody asks for spare ones', async () => {
  using directory = temporaryDirectory();
  const all = createWorkDirectories(directory.path, 'mark-');
  await all.take()[Symbol.asyncDispose]();
  expect(readdirSync(directory.path)).toEqual([]);
});

const changes: Readonly<Record<string, (one: WorkDirectory) => unknown>> = {
  'a file in TMPDIR': ({ temporary }) => writeFileSync(join(temporary, 'left'), ''),
  'a file that is gone again': ({ temporary }) => {
    writeFileSync(join(temporary, 'left'), '');
    rmSync(join(temporary, 'left'));
  },
  'a file, with the time set back': ({ temporary }) => {
    writeFileSync(join(temporary, 'left'), '');
    utimesSync(temporary, new Date('2001-02-03T04:05:06Z'), new Date('2001-02-03T04:05:06Z'));
  },
  'a file beside TMPDIR': ({ path }) => writeFileSync(join(path, 'left'), ''),
  'a file among the artifacts': ({ artifacts }) => writeFileSync(join(artifacts, 'left'), ''),
  'a file in HOME': ({ path }) => writeFileSync(join(path, 'home', 'left'), ''),
  'another mode': ({ temporary }) => chmodSync(temporary, 0o777),
  'a mode that is as before again': ({ path }) => {
    chmodSync(path, 0o777);
    chmodSync(path, 0o700);
  },
  'another directory in its place': ({ artifacts }) => {
    rmdirSync(artifacts);
    mkdirSync(artifacts);
  },
  'no directory': ({ temporary }) => rmdirSync(temporary),
  'another name': ({ path }) => renameSync(path, `${path}-moved`),
};

test.each(Object.keys(changes))('a directory with %s is not used again', async (change) => {
  using directory = temporaryDirectory();
  using made = await settled(directory.path);
  changes[change]?.(made.one);
  await made.one[Symbol.asyncDispose]();
  expect(existsSync(made.one.path)).toBe(false);
  expect(taken(made.all)).not.toContain(made.one.path);
});

test.each(Object.keys(changes))('a spare directory with %s is not taken', async (change) => {
  using directory = temporaryDirectory();
  using made = await settled(directory.path);
  const { path } = made.one;
  await made.one[Symbol.asyncDispose]();
  changes[change]?.(made.one);
  expect(taken(made.all)).not.toContain(path);
});

test('what was made a moment ago is not trusted: its clock may not have gone on', async () => {
  using directory = temporaryDirectory();
  const all = createWorkDirectories(directory.path, 'mark-');
  using _spare = all.keepSpare();
  const one = all.take();
  await one[Symbol.asyncDispose]();
  expect(existsSync(one.path)).toBe(false);
});

test('spare directories that somebody tidies up are made anew, and none is left at the end', async () => {
  using directory = temporaryDirectory();
  using made = await settled(directory.path);
  await made.one[Symbol.asyncDispose]();
  for (const name of readdirSync(directory.path)) rmSync(join(directory.path, name), { recursive: true });
  await using one = made.all.take();
  expect(readdirSync(one.path).toSorted()).toEqual(['artifacts', 'home', 'tmp']);
  await made.all.take()[Symbol.asyncDispose]();
  made[Symbol.dispose]();
  expect(readdirSync(directory.path).map((name) => join(directory.path, name))).toEqual([one.path]);
});

const artifacts: Readonly<Record<string, (one: WorkDirectory) => void>> = {
  'a file': ({ artifacts }) => writeFileSync(join(artifacts, 'kept'), ''),
  'a directory': ({ artifacts }) => mkdirSync(join(artifacts, 'kept')),
  'a file, with the time set back': ({ artifacts }) => {
    writeFileSync(join(artifacts, 'kept'), '');
    utimesSync(artifacts, new Date('2001-02-03T04:05:06Z'), new Date('2001-02-03T04:05:06Z'));
  },
  'another directory in its place': ({ artifacts }) => {
    renameSync(artifacts, `${artifacts}.old`);
    mkdirSync(artifacts);
  },
};
for (const [what, leave] of Object.entries(artifacts))
  test(`${what} in the directory of artifacts is seen`, async () => {
    using directory = temporaryDirectory();
    using made = await settled(directory.path);
    expect(made.one.hasNoArtifacts()).toBe(true);
    leave(made.one);
    expect(made.one.hasNoArtifacts()).toBe(false);
    await made.one[Symbol.asyncDispose]();
  });

test('of a directory that was made a moment ago nobody knows that there are no artifacts', () => {
  using directory = temporaryDirectory();
  expect(createWorkDirectories(directory.path, 'mark-').take().hasNoArtifacts()).toBe(false);
});
