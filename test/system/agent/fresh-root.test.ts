import { expect } from 'bun:test';
import { freePort } from '#test/support/free-port.ts';
import { projectRoot } from '#test/support/project.ts';
import { rootTest } from '#test/support/root-test.ts';

rootTest(
  'a bare Debian follows the README up to a first result: one of eight, chosen by the hash of the commit',
  async () => {
    const script = Bun.spawn([`${projectRoot}/.ci/try-fresh.sh`], {
      env: { ...process.env, ROOTS: 'one', TESTS: 'none', PORT: String(freePort()), LIMIT: '1200' },
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [said, exitCode] = await Promise.all([script.stdout.text(), script.exited]);
    expect(said).toMatch(/^ok \S+ \(\d+ s\): the first command works\n$/);
    expect(exitCode).toBe(0);
  },
  1_500_000,
);
