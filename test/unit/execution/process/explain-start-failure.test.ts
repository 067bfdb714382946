import { expect, test } from 'bun:test';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnusableProgram } from '#execution/process/explain-start-failure.ts';
import { EHDR, EM } from '#formats/elf-layout.ts';
import { call } from '#test/support/call.ts';
import { runShell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('what cannot start says why', async () => {
  using directory = temporaryDirectory();
  const reason = async (command: readonly string[], cwd = '/'): Promise<string> => {
    const { outcome } = await runShell('', { command, cwd });
    return outcome.kind === 'not-started' ? outcome.reason : outcome.kind;
  };
  const plain = directory.file('plain', '#!/bin/sh\n', 0o644);
  const lost = directory.file('lost', '#!/nowhere/sh\n', 0o755);
  mkdirSync(join(directory.path, 'dir'));
  expect(await reason([join(directory.path, 'missing')])).toContain('missing does not exist');
  expect(await reason([plain])).toBe(`${plain} is not executable (chmod +x)`);
  expect(await reason([lost])).toContain('needs /nowhere/sh (its first line), which is not there');
  expect(await reason([join(directory.path, 'dir')])).toContain('is a directory');
  const ofWindows = directory.file('windows', '#!/bin/sh\r\necho hi\r\n', 0o755);
  expect(await reason([ofWindows])).toContain('line ends of Windows (CRLF)');
  const marked = directory.file('marked', '\ufeff#!/bin/sh\necho hi\n', 0o755);
  expect(await reason([marked])).toContain('begins with a byte order mark');
  expect(await reason([directory.file('nothing', 'echo hi\n', 0o755)])).toContain('is no program of this machine');
  expect(await reason(['/bin/true'], '/no/such/place')).toBe('the working directory /no/such/place does not exist');
});

test('a working directory that its user may not enter, or not even look at, is named', () => {
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'closed/inner'), { recursive: true });
  const places = ['closed', 'closed/inner'].map((name) => join(directory.path, name));
  /* Root may enter everything: there somebody else asks. */
  const program = `import { explainStartFailure } from '#execution/process/explain-start-failure.ts';
    if (process.getuid?.() === 0) process.setuid?.(64124);
    for (const cwd of ${JSON.stringify(places)}) console.log(explainStartFailure({ command: ['/bin/true'], cwd }, 'EACCES'));`;
  chmodSync(directory.path, 0o755);
  chmodSync(join(directory.path, 'closed'), 0o600);
  const { stdout, stderr } = call([process.execPath, '-e', program], { cwd: import.meta.dir });
  chmodSync(join(directory.path, 'closed'), 0o700);
  const uid = process.getuid?.() || 64_124;
  const said = places.map(
    (cwd) => `the working directory ${cwd} may not be entered by user ${uid}: start it in another`,
  );
  expect(stdout.trim().split('\n'), stderr).toEqual(said);
});

test('an environment beyond the limit of the kernel says so', async () => {
  const env = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`V${i}`, 'x'.repeat(100_000)]));
  expect((await runShell('true', { env })).outcome).toEqual({
    kind: 'not-started',
    reason: 'its environment and arguments are larger than the kernel accepts (E2BIG)',
  });
});

test('a program for another processor, a missing loader and a missing first line are named as such', async () => {
  using directory = temporaryDirectory();
  const elf = Buffer.from(await Bun.file(process.execPath).slice(0, 4096).bytes());
  elf.writeUInt16LE(EM.AARCH64, EHDR.e_machine);
  directory.file('a/zebra', elf, 0o755);
  elf.writeUInt16LE(EM.X86_64, EHDR.e_machine);
  const loader = elf.indexOf('/lib64/ld-linux-x86-64.so.2');
  expect(loader).toBeGreaterThan(0);
  elf.write('/lib64/ld-missing', loader, 'latin1');
  directory.file('b/zebra', elf, 0o755);
  directory.file('c/zebra', '#!/opt/nothing/here\n', 0o755);
  directory.file('d/zebra', '\x7fELF', 0o755);
  const problems = ['a', 'b', 'c', 'd'].map((name) => describeUnusableProgram(`${directory.path}/${name}/zebra`));
  expect(problems).toEqual([
    expect.stringContaining('is a program for aarch64, this machine is x86_64'),
    expect.stringContaining('needs the loader /lib64/ld-missing'),
    expect.stringContaining('needs /opt/nothing/here (its first line), which is not there'),
    expect.stringContaining('is a damaged program of 4 bytes'),
  ]);
});
