import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { advertisedRuntimes, detect } from '#execution/runtimes/detect.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';
import { zebra } from './zebra.ts';

test('a hanging interpreter is reported, not advertised, and its whole group is killed', async () => {
  using directory = temporaryDirectory();
  directory.program(
    'bin/zebra',
    `echo $$ >> ${directory.path}/pids; sleep 1000 & echo $! >> ${directory.path}/pids; wait`,
  );
  const { interpreters } = await detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ version: undefined, problem: 'did not answer within 10 s' }]);
  expect(advertisedRuntimes(interpreters)).toEqual([]);
  const pids = (await Bun.file(join(directory.path, 'pids')).text()).trim().split('\n').map(Number);
  expect(pids).toHaveLength(4); /* asked twice */
  for (const pid of pids) await until(`${pid} is gone`, () => !isAlive(pid));
}, 120_000);

test('an interpreter that is slow to answer, as on a busy machine, has more time when it is asked once more', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', 'sleep 2.5; echo 1.5');
  const { interpreters } = await detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ version: '1.5' }]);
});

test('when stopped, the probes end at once and leave nothing', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', `echo $$ > ${directory.path}/pid; sleep 1000`);
  const stop = new AbortController();
  const detection = detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()], stop: stop.signal });
  const pid = await pidFrom(`${directory.path}/pid`);
  stop.abort();
  expect((await detection).interpreters.map((one) => one.problem)).toEqual(['interrupted']);
  await until('the probe is gone', () => !isAlive(pid));
});

test('a daemon left behind with the output open does not delay the answer', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', `setsid sleep 300 & echo $! > ${directory.path}/pid; echo 1.5`);
  const { interpreters } = await detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ version: '1.5' }]);
  const pid = Number(await Bun.file(join(directory.path, 'pid')).text());
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('two versions in two lines of a banner are doubtful: another question decides, where there is one', async () => {
  using directory = temporaryDirectory();
  directory.program(
    'bin/zebra',
    'echo "Zebra 2.4 shim of the house"; echo "Zebra $([ $1 = -e ] && echo 3.2 || echo "3.1 (old)")"',
  );
  const asked = [{ args: ['--version'], version: /^Zebra (?<version>[\d.]+)/m }];
  const env = { PATH: `${directory.path}/bin:/usr/bin:/bin` };
  const versions = async (probes: typeof asked): Promise<unknown> =>
    (await detect(env, { families: [zebra({ probes })] })).interpreters.map(({ version }) => version);
  expect(await versions(asked)).toEqual(['2.4']);
  expect(await versions([...asked, { args: ['-e'], version: /^Zebra (?<version>[\d.]+)$/m }])).toEqual(['3.2']);
});

const broken: readonly (readonly [string, string, string | RegExp])[] = [
  ['failing', 'echo "no license" >&2; exit 3', 'failed with exit code 3: no license'],
  ['silent', 'exit 0', 'answered nothing'],
  ['versionless', 'echo hello', 'answered without a version: hello'],
  ['flooding', 'while :; do echo 0123456789012345678901234567890123456789; done', 'printed more than 64 KiB'],
  ['crashing', 'kill -SEGV $$', 'was killed by SIGSEGV'],
  ['control characters in its', 'printf "bad\\033[31m\\n"', 'answered without a version: bad[31m'],
];
for (const [what, script, problem] of broken)
  test(`${what} interpreter: reported with the reason`, async () => {
    using directory = temporaryDirectory();
    directory.program('bin/zebra', script);
    const { interpreters } = await detect({ PATH: `${directory.path}/bin` }, { families: [zebra()] });
    expect(interpreters.map((one) => one.problem)).toEqual([
      expect.stringMatching(problem instanceof RegExp ? problem : literally(problem)),
    ]);
  });

function literally(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
