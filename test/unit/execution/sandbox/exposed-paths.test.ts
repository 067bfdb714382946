import { expect, test } from 'bun:test';
import { chmodSync, chownSync, lchownSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describeExposure } from '#execution/sandbox/exposed-paths.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const users = [
  { uid: 70_000, gid: 70_000 },
  { uid: 70_001, gid: 70_000 },
];
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

rootTest('a directory in which actions may rename what is the agent’s is refused, with the mend', () => {
  using directory = temporaryDirectory();
  const above = join(directory.path, 'above');
  const place = join(above, 'place');
  mkdirSync(place, { recursive: true });
  const says = (mode: number, [uid, gid]: readonly [number, number] = [0, 0]): string | undefined => {
    chownSync(above, uid, gid);
    chmodSync(above, mode);
    return describeExposure(place, users);
  };
  expect(says(0o777)).toContain(`${above} (mode 0777, owner 0): chmod +t ${above}`);
  expect(says(0o775, [0, 70_000])).toContain(`chmod +t ${above}`);
  expect(says(0o755, [70_001, 0])).toContain(`chown root ${above}`);
  expect(says(0o1777, [70_001, 0])).toContain(`chown root ${above}`);
  for (const mode of [0o1777, 0o755, 0o711, 0o775]) expect(says(mode)).toBeUndefined();
  expect(says(0o1775, [0, 70_000])).toBeUndefined();
  expect(says(0o755, [12_345, 0])).toBeUndefined();
  chownSync(place, 70_000, 0);
  expect(says(0o1777)).toContain('could put something else in the place');
  chmodSync(above, 0o777);
  expect(describeExposure(place, [])).toBeUndefined();
});

rootTest('a directory that is the agent’s own gets the sticky bit, and so does what a link to it means', () => {
  using directory = temporaryDirectory();
  for (const name of ['place', 'linked']) {
    mkdirSync(join(directory.path, name));
    chmodSync(join(directory.path, name), 0o2777);
  }
  symlinkSync('linked', join(directory.path, 'link'));
  expect(describeExposure(join(directory.path, 'place'), users)).toBeUndefined();
  expect(describeExposure(join(directory.path, 'link'), users)).toBeUndefined();
  expect(['place', 'linked'].map((name) => modeOf(join(directory.path, name)))).toEqual([0o3777, 0o3777]);
});

rootTest('a link on the way that actions could turn elsewhere is refused, wherever it leads now', () => {
  using directory = temporaryDirectory();
  const { path } = directory;
  const link = join(path, 'open/link');
  for (const name of ['safe/place', 'open']) mkdirSync(join(path, name), { recursive: true });
  chmodSync(join(path, 'open'), 0o1777);
  symlinkSync('../safe', link);
  symlinkSync('open/link/place', join(path, 'first'));
  for (const place of [link, join(link, 'place'), join(link, 'not/yet'), join(path, 'first')]) {
    lchownSync(link, 0, 0);
    expect(describeExposure(place, users)).toBeUndefined();
    lchownSync(link, 70_001, 0);
    const said = describeExposure(place, users);
    expect(said).toContain(`in the place of what is in ${join(path, 'open')} (mode 1777`);
    expect(said).toContain(`: chown -h root ${link}`);
  }
});

test('a place that is not there yet counts by what is above it, which is left as it is', () => {
  using directory = temporaryDirectory();
  chmodSync(directory.path, 0o777);
  expect(describeExposure(join(directory.path, 'not/yet'), users)).toContain(`chmod +t ${directory.path}`);
  expect(modeOf(directory.path)).toBe(0o777);
});
