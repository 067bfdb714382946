import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { withMounts } from '#test/support/namespace.ts';
import { mountTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

test('installs a whole, executable copy and nothing else', () => {
  using directory = temporaryDirectory();
  const target = join(directory.path, 'deep/er');
  const installed = callAgent(['install', target]);
  expect(installed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readdirSync(target)).toEqual(['attune-agent']);
  expect(statSync(join(target, 'attune-agent')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(target, 'attune-agent')).equals(readFileSync(agentFile))).toBe(true);
  expect(call([join(target, 'attune-agent'), '--version']).exitCode).toBe(0);
});

test('a second time nothing is written; a damaged or foreign file is replaced', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'attune-agent');
  callAgent(['install', directory.path]);
  const before = statSync(file).ino;
  expect(callAgent(['install', directory.path]).stdout).toContain('is up to date');
  expect(statSync(file).ino).toBe(before);
  const damages: readonly (() => void)[] = [() => truncateSync(file, 1000), () => writeFileSync(file, '#!/bin/sh\n')];
  for (const damage of damages) {
    damage();
    expect(callAgent(['install', directory.path]).stdout).toContain('installed');
    expect(readFileSync(file).equals(readFileSync(agentFile))).toBe(true);
  }
});

test('a program that runs from the old file goes on', async () => {
  using directory = temporaryDirectory();
  callAgent(['install', directory.path]);
  const file = join(directory.path, 'attune-agent');
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('newer')]));
  const go = join(directory.path, 'go');
  const waiting = `echo >${go}.begun; until [ -e ${go} ]; do sleep 0.05; done; echo still here`;
  const script = directory.file('a.sh', waiting);
  const running = Bun.spawn([file, 'run', script], { stdout: 'pipe', stderr: 'ignore', stdin: 'ignore' });
  await until('it runs', () => existsSync(`${go}.begun`));
  expect(callAgent(['install', directory.path]).stdout).toContain('installed');
  writeFileSync(go, '');
  expect(await new Response(running.stdout).text()).toBe('still here\n');
});

mountTest('a full volume is a clear error and leaves nothing behind', () => {
  using directory = temporaryDirectory();
  const script = `mount -t tmpfs -o size=20m none ${directory.path}`;
  const ran = call(
    withMounts(script, ['sh', '-c', `"$1" install "$2"; echo "exit $?"; ls -A "$2"`, 'sh', agentFile, directory.path]),
  );
  expect(ran.stderr).toContain('the file system is full');
  expect(ran.stdout).toBe('exit 1\n');
});

mountTest('a read-only volume is a clear error', () => {
  using directory = temporaryDirectory();
  const script = `mount -t tmpfs -o ro none ${directory.path}`;
  const ran = call(withMounts(script, [agentFile, 'install', directory.path]));
  expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
  expect(ran.stderr).toContain('the file system is read-only');
});

test('a file in the place of the directory, or a directory in the place of the file, is a clear error', () => {
  using directory = temporaryDirectory();
  const file = directory.file('file', '');
  expect(callAgent(['install', file]).stderr).toContain('it is not a directory');
  mkdirSync(join(directory.path, 'attune-agent'));
  expect(callAgent(['install', directory.path]).stderr).toContain('attune-agent is a directory there');
  expect(readdirSync(directory.path).toSorted()).toEqual(['attune-agent', 'file']);
});

mountTest('without /proc it finds itself by its name', () => {
  using directory = temporaryDirectory();
  const ran = call(withMounts('mount -t tmpfs none /proc', [agentFile, 'install', directory.path]));
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readFileSync(join(directory.path, 'attune-agent')).equals(readFileSync(agentFile))).toBe(true);
});
