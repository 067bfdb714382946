import { expect, test } from 'bun:test';
import { chmodSync, linkSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from '#execution/environments/contents.ts';
import { newDirectory, publish } from '#execution/environments/layout.ts';
import { createVerification } from '#execution/environments/verification.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

interface Built {
  readonly place: string;
  readonly directory: string;
}

async function built(root: string, place = join(root, 'demo/python-1')): Promise<Built> {
  const made = newDirectory(place);
  writeFileSync(join(made, 'module.py'), 'print(1)');
  writeFileSync(join(made, 'other.py'), '');
  symlinkSync('module.py', join(made, 'link'));
  const note = { key: 'k', recipe: 'pip', pack: 'demo', packVersion: '1', runtime: 'python', built: '', bytes: 1 };
  publish(place, made, { ...note, contents: await contentsOf(made) });
  passTime(join(root, 'clock'));
  return { place, directory: made };
}

/** Waits until the clock of the file system has gone on, which it does in steps. */
function passTime(probe: string): void {
  const now = (): number => {
    writeFileSync(probe, '');
    return statSync(probe).ctimeMs;
  };
  for (const first = now(); now() < first + 20; );
}

const changes: Readonly<Record<string, (directory: string) => void>> = {
  'a file with other bytes of the same length': (at) => writeFileSync(join(at, 'module.py'), 'print(2)'),
  'a new file': (at) => writeFileSync(join(at, 'planted.pth'), 'import evil'),
  'a file that is gone': (at) => rmSync(join(at, 'other.py')),
  'another name': (at) => renameSync(join(at, 'other.py'), join(at, 'another.py')),
  'a link that leads elsewhere': (at) => {
    rmSync(join(at, 'link'));
    symlinkSync('/etc/passwd', join(at, 'link'));
  },
  'a file that can be executed now': (at) => chmodSync(join(at, 'module.py'), 0o755),
  'other bytes with the times of before': (at) => {
    const { atime, mtime } = statSync(join(at, 'module.py'));
    writeFileSync(join(at, 'module.py'), 'print(2)');
    utimesSync(join(at, 'module.py'), atime, mtime);
  },
  'other bytes by another name of the file': (at) => {
    linkSync(join(at, 'module.py'), `${at}.name`);
    writeFileSync(`${at}.name`, 'print(2)');
    rmSync(`${at}.name`);
  },
  'a note without the checksum': (at) => writeFileSync(join(at, 'ready.json'), '{}'),
};

for (const [what, change] of Object.entries(changes))
  test(`${what} is noticed by a process that starts later`, async () => {
    using root = temporaryDirectory();
    const at = await built(root.path);
    const verification = createVerification('start');
    expect(await verification.isWhole(at)).toBe(true);
    change(at.directory);
    expect(await verification.isWhole(at)).toBe(true);
    expect(await createVerification('start').isWhole(at)).toBe(false);
  });

test('what this process has built is trusted, and what is not there is not whole', async () => {
  using root = temporaryDirectory();
  const verification = createVerification('start');
  const at = { place: join(root.path, 'place'), directory: root.path };
  expect(await verification.isWhole(at)).toBe(false);
  await verification.trust(at);
  expect(await verification.isWhole(at)).toBe(true);
});

for (const [what, change] of Object.entries(changes).filter(([name]) => !name.startsWith('a note')))
  for (const begin of ['isWhole', 'trust'] as const)
    test(`${what} is noticed before the next use by a process that has called ${begin}`, async () => {
      using root = temporaryDirectory();
      const at = await built(root.path);
      const verification = createVerification('use');
      await verification[begin](at);
      expect(await verification.isWhole(at)).toBe(true);
      change(at.directory);
      const note = { key: 'k', recipe: 'pip', pack: 'demo', packVersion: '1', runtime: 'python', built: '', bytes: 1 };
      writeFileSync(
        join(at.directory, 'ready.json'),
        JSON.stringify({ ...note, contents: await contentsOf(at.directory) }),
      );
      const answers = await Promise.all([verification.isWhole(at), verification.isWhole(at)]);
      expect(answers).toEqual([false, false]);
    });

test('a use that is noted, another name of a file and times that are set leave an environment whole', async () => {
  using root = temporaryDirectory();
  const at = await built(root.path);
  const verification = createVerification('use');
  expect(await verification.isWhole(at)).toBe(true);
  utimesSync(join(at.directory, 'ready.json'), new Date(), new Date());
  expect(await verification.isWhole(at)).toBe(true);
  linkSync(join(at.directory, 'module.py'), `${at.directory}.name`);
  utimesSync(join(at.directory, 'other.py'), new Date(0), new Date(0));
  for (let use = 0; use < 2; use++) expect(await verification.isWhole(at)).toBe(true);
});

test('an environment in the place of another is not used, whatever its note, and what is built then has a place of its own', async () => {
  using root = temporaryDirectory();
  const first = await built(root.path);
  const verification = createVerification('use');
  expect(await verification.isWhole(first)).toBe(true);
  rmSync(first.place);
  const { place, directory } = await built(root.path);
  expect(await verification.isWhole({ place, directory })).toBe(false);
  const own = verification.placeOf(place);
  expect(own).not.toBe(place);
  const again = await built(root.path, own);
  await verification.trust(again);
  expect(await verification.isWhole(again)).toBe(true);
  rmSync(own);
  expect(await verification.isWhole(await built(root.path, own))).toBe(false);
  expect(verification.placeOf(place)).toBe(own);
  expect(await createVerification('use').isWhole({ place, directory })).toBe(true);
});
