/** Real installers fail for the reasons that people meet, and the error of the execution is the line that tells which. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { failingInstalls } from '#test/support/failing-installs/all.ts';
import { type FailingInstall, filesOf } from '#test/support/failing-installs/failing-install.ts';
import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import { type RefusingServer, startRefusingServer } from '#test/support/refusing-server.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { isRoot, rootTest as test } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const MINUTES = 60_000;
/** By tool and failure; SERVER and UNTRUSTED stand for the addresses of the test's own servers, … for what differs each time. */
const expected: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('reasons.json', import.meta.url), 'utf8'),
);

let server: RefusingServer;
beforeAll(() => {
  server = startRefusingServer();
  if (isRoot) rootFileSystem('installers');
}, 15 * MINUTES);
afterAll(() => server[Symbol.dispose]());

/** What a build has said that failed: the installer prints that it is elsewhere. */
const inLogs: Readonly<Record<string, string>> = {
  'pip: no header': 'no-such-library.h',
  'cpanm: no compiler': 'no-such-cc',
};

async function failureOf(install: FailingInstall): Promise<{ readonly error: string; readonly said: string }> {
  using packs = temporaryDirectory();
  for (const [path, content] of Object.entries(filesOf(install))) packs.file(`demo/${path}`, content);
  const command = agentInRoot(['run', 'demo.a', '--format', 'json'], { packs: packs.path, hasNetwork: true });
  const child = Bun.spawn([...command], {
    env: { ...rootEnv, HOME: '/tmp', ATTUNE_PACKS_DIR: '/mnt', ...install.env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [printed, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if (printed === '') throw new Error(`it printed no result, and ended with ${await child.exited}: ${said}`);
  const result = JSON.parse(printed) as { error?: string };
  const error = (result.error ?? 'it succeeded')
    .replaceAll(server.untrusted, 'UNTRUSTED')
    .replaceAll(server.url, 'SERVER')
    .replace('Could not HEAD', 'Could not GET') /* Gradle asks for a file either way, as it comes */
    .replaceAll(/0x[0-9a-f]+|after \d+ ms|port=\d{2,}| on [\d.]+:53|https?%127\S+?(?=\/)/g, '…');
  return { error, said };
}

/* The addresses of the servers are not known yet: of each only tool, failure and number count here. */
for (const [index, { tool, why }] of failingInstalls({ url: '', untrusted: '', [Symbol.dispose]: () => {} }).entries())
  test(
    `${tool}: ${why}`,
    async () => {
      const install = failingInstalls(server)[index];
      if (!install) throw new Error('there are fewer cases than before');
      const { error, said } = await failureOf(install);
      expect({ error }).toEqual({ error: expected[`${tool}: ${why}`] ?? 'nothing is expected' });
      expect(said).toContain(inLogs[`${tool}: ${why}`] ?? '[attune]');
    },
    5 * MINUTES,
  );
