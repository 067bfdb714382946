import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#test/support/project.ts';

/** Folders of test/unit that test the project itself instead of a room of src. */
const ofTheProject = ['project'];

test('every unit test lies where the file that it tests lies in src, under the same name', () => {
  const tests = [...new Bun.Glob('**/*.test.ts').scanSync(join(projectRoot, 'test/unit'))];
  const strays = tests.filter(
    (path) =>
      !(ofTheProject.includes(path.split('/', 1)[0] ?? '') || existsSync(join(projectRoot, 'src', subjectOf(path)))),
  );
  expect(tests.length).toBeGreaterThan(30);
  expect(strays, 'there is no src/… of the same name').toEqual([]);
});

/** The file of src that is tested: `worker/spool.ts` of `worker/spool.test.ts`. */
function subjectOf(test: string): string {
  return test.replace(/\.test\.ts$/, '.ts');
}
