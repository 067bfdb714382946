import { expect, test } from 'bun:test';
import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from '#execution/environments/contents.ts';
import { newDirectory, publish } from '#execution/environments/layout.ts';
import { createVerification } from '#execution/environments/verification.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

async function built(root: string): Promise<string> {
  const place = join(root, 'demo/python-1');
  const made = newDirectory(place);
  writeFileSync(join(made, 'module.py'), 'print(1)');
  writeFileSync(join(made, 'other.py'), '');
  symlinkSync('module.py', join(made, 'link'));
  const note = { key: 'k', recipe: 'pip', pack: 'demo', packVersion: '1', runtime: 'python', built: '', bytes: 1 };
  publish(place, made, { ...note, contents: await contentsOf(made) });
  return made;
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
  'a note without the checksum': (at) => writeFileSync(join(at, 'ready.json'), '{}'),
};

for (const [what, change] of Object.entries(changes))
  test(`${what} is noticed by a process that starts later`, async () => {
    using root = temporaryDirectory();
    const directory = await built(root.path);
    const verification = createVerification();
    expect(await verification.isWhole(directory)).toBe(true);
    change(directory);
    expect(await verification.isWhole(directory)).toBe(true);
    expect(await createVerification().isWhole(directory)).toBe(false);
  });

test('what this process has built is trusted, and what is not there is not whole', async () => {
  using root = temporaryDirectory();
  const verification = createVerification();
  expect(await verification.isWhole(root.path)).toBe(false);
  verification.trust(root.path);
  expect(await verification.isWhole(root.path)).toBe(true);
});
