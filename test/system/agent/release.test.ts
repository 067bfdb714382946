/** What `make release` makes, of a tree that need not be committed. */
import { expect } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '#cli/version.ts';
import { call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

rootTest(
  'a release has an archive for each processor, the chart, checksums and signatures, and names what it lacks',
  () => {
    using directory = temporaryDirectory();
    const key = join(directory.path, 'key');
    call(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
    const out = join(directory.path, 'release');
    const env = { ...(process.env as Record<string, string>), SIGNING_KEY: key, ATTUNE_RELEASE_DIR: out };
    const made = call([join(projectRoot, '.ci/release.sh'), '--draft'], { env });
    expect(made).toMatchObject({ exitCode: 0 });
    const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    for (const processor of ['x86_64', 'aarch64']) {
      const name = `attune-agent-${VERSION}-linux-${processor}`;
      if (!existsSync(join(out, `${name}.tar.gz`))) {
        expect(processor).not.toBe(own);
        expect(made.stdout).toContain(`skipped: the file for ${processor}: `);
        continue;
      }
      const files = call(['tar', '-tzf', join(out, `${name}.tar.gz`)])
        .stdout.trim()
        .split('\n');
      expect(files.map((file) => file.slice(name.length + 1))).toEqual([
        '',
        'CHANGELOG.md',
        'LICENSE',
        'attune-agent',
        'attune-agent.1',
        'attune-agent.cdx.json',
        'attune-agent.sig',
      ]);
    }
    expect(existsSync(join(out, `attune-agent-${VERSION}.tgz`))).toBe(true);
    expect(call(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: out })).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(out, 'SHA256SUMS'), 'utf8')).toContain(`  attune-agent-${own}.sig\n`);
    expect(existsSync(join(out, 'SHA256SUMS.sig'))).toBe(true);
    expect(made.stdout).not.toContain('skipped: signatures');
    expect(call([join(projectRoot, '.ci/release.sh'), '--draft'], { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${out} is not empty`),
    });
  },
  300_000,
);
