import { expect, test } from 'bun:test';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkPack, describeNoPack } from '#packs/check-pack.ts';
import { loadAction, loadPacks } from '#packs/load-action.ts';
import { notesOnParts } from '#packs/pack-parts.ts';
import { notesOnUnusedKeys } from '#packs/unused-keys.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** A pack in which a file or a directory stands where the other is expected. */
function packWith(wrong: {
  readonly file?: string;
  readonly directory?: string;
}): ReturnType<typeof temporaryDirectory> {
  const at = temporaryDirectory();
  at.file('good/pack.yaml', 'ref: good\nversion: 1.0.0\n');
  at.file('good/actions/a.yaml', 'entry_point: a.sh\n');
  at.file('good/actions/a.sh', 'true\n');
  at.file('odd/pack.yaml', 'ref: odd\nversion: 1.0.0\n');
  if (wrong.file !== undefined) at.file(`odd/${wrong.file}`, '');
  if (wrong.directory === undefined) return at;
  const place = join(at.path, 'odd', wrong.directory);
  rmSync(place, { force: true });
  mkdirSync(place, { recursive: true });
  return at;
}

test.each([
  [{ file: 'actions' }, 'odd/actions cannot be read: not a directory'],
  [{ file: 'runtimes' }, 'odd/runtimes cannot be read: not a directory'],
  [{ directory: 'actions/b.yaml' }, 'odd/actions/b.yaml cannot be read: it is a directory'],
  [{ directory: 'pack.yaml' }, 'odd/pack.yaml cannot be read: it is a directory'],
])('a pack with a file for a directory, or the reverse, is broken and leaves the others alone: %o', (wrong, flaw) => {
  using at = packWith(wrong);
  const { packs, problems } = loadPacks(at.path);
  expect(packs.flatMap(({ actions }) => actions.map(({ ref }) => ref))).toEqual(['good.a']);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(flaw)]);
  expect(loadAction(at.path, 'good.a').ok).toBe(true);
  expect(loadAction(at.path, 'odd.b').ok).toBe(false);
  expect(checkPack(join(at.path, 'odd')).flaws).toContainEqual(expect.stringContaining(flaw));
  expect(notesOnUnusedKeys(join(at.path, 'odd'))).toEqual([]);
});

test('a file for the directory of test cases is said, and a directory without packs is what it is', () => {
  using at = packWith({ file: 'tests' });
  const flaws = checkPack(join(at.path, 'odd')).flaws;
  expect(flaws).toEqual([expect.stringContaining('odd/tests cannot be read: not a directory')]);
  const file = join(at.path, 'odd', 'pack.yaml');
  expect(loadPacks(file)).toMatchObject({
    packs: [],
    problems: [{ message: expect.stringContaining('not a directory') }],
  });
  expect(loadAction(file, 'good.a')).toMatchObject({
    ok: false,
    error: { message: `${file} cannot be read: not a directory; choose another directory with --packs` },
  });
  expect(loadPacks(join(at.path, 'none'))).toEqual({ packs: [], problems: [] });
});

test('what is no directory of a pack is said, with the pack that may be meant', () => {
  using at = packWith({ file: 'README.md' });
  const [odd, file] = [join(at.path, 'odd'), join(at.path, 'odd', 'pack.yaml')];
  expect(describeNoPack(odd)).toBeUndefined();
  expect(checkPack(file).flaws).toEqual([`${file} is no directory of a pack: its pack is ${odd}`]);
  const loose = at.file('loose.tar.gz', '');
  expect(describeNoPack(loose)).toBe(`${loose} is no directory of a pack`);
  expect(describeNoPack(join(at.path, 'none'))).toBe(`there is no directory ${join(at.path, 'none')}`);
});

test('directories that are named nearly as those of a pack are noted, and a pack without actions', () => {
  using at = temporaryDirectory();
  at.file('p/pack.yaml', 'ref: p\nversion: 1.0.0\n');
  expect(notesOnParts(join(at.path, 'p'))).toEqual(['the pack has no actions: actions/NAME.yaml describes one']);
  at.file('p/action/a.yaml', 'entry_point: a.sh\n');
  at.file('p/Tests/a.yml', 'cases: []\n');
  at.file('p/runtime/notes.txt', '');
  expect(notesOnParts(join(at.path, 'p'))).toEqual([
    'nothing reads action/: name it actions/',
    'nothing reads Tests/: name it tests/',
  ]);
  at.file('p/actions/a.yaml', 'entry_point: a.sh\n');
  at.file('p/tests/a.yaml', 'cases: []\n');
  expect(notesOnParts(join(at.path, 'p'))).toEqual([]);
});

test('a program that cannot be executed is a flaw, and an entry point outside of the pack is one flaw', () => {
  using at = temporaryDirectory();
  at.file('p/pack.yaml', 'ref: p\nversion: 1.0.0\n');
  at.file('p/actions/a.yaml', 'runner_type: native\nentry_point: a\n');
  at.file('p/actions/a', '#!/bin/sh\n');
  at.file('p/actions/b.yaml', 'entry_point: /bin/ls\n');
  const bare = (): readonly string[] =>
    checkPack(join(at.path, 'p')).flaws.map((one) => one.replace(`${at.path}/p/actions/`, ''));
  const outside = "b.yaml:1:14: entry_point: '/bin/ls' leads out of the pack";
  expect(bare()).toEqual([outside, "a.yaml:2:14: entry_point: 'a' is not executable: chmod +x"]);
  chmodSync(join(at.path, 'p/actions/a'), 0o755);
  expect(bare()).toEqual([outside]);
});
