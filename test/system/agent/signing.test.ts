/** Releases are signed by a key that their users have: what another has signed, or nobody, is not installed. */
import { afterAll, expect, test } from 'bun:test';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const openssl = (...args: readonly string[]): Call => call(['openssl', ...args], { cwd: directory.path });
const at = (name: string): string => join(directory.path, name);

for (const name of ['ours', 'other']) {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  openssl('ec', '-in', `${name}.key`, '-pubout', '-out', `${name}.pub`);
}

const sign = (key: string, ...files: readonly string[]): Call =>
  call([process.execPath, resolve(projectRoot, 'src/static-linker/sign.ts'), at(key), ...files]);

/** The agent as a release: a file with its signature beside it. */
const release = at('attune-agent');
copyFileSync(agentFile, release);

test('a signature is one that openssl verifies, as it verifies those of cosign', () => {
  const signed = sign('ours.key', release);
  expect(signed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(signed.stdout).toContain(readFileSync(at('ours.pub'), 'utf8').trim());
  writeFileSync(at('der'), Buffer.from(readFileSync(`${release}.sig`, 'utf8'), 'base64'));
  const verified = (key: string): Call => openssl('dgst', '-sha256', '-verify', key, '-signature', 'der', release);
  expect(verified('ours.pub').stdout).toBe('Verified OK\n');
  expect(verified('other.pub').exitCode).not.toBe(0);
});

test('keys that cannot sign are named', () => {
  openssl('genrsa', '-out', 'rsa.key', '2048');
  writeFileSync(at('cosign.key'), '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n');
  expect(sign('rsa.key', release)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('expected a key of the curve P-256'),
  });
  expect(sign('cosign.key', release).stderr).toContain('cosign sign-blob');
  const unnamed = call([process.execPath, resolve(projectRoot, 'src/static-linker/sign.ts'), '', release]);
  expect(unnamed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('make sign SIGNING_KEY=') });
  expect(sign('none.key', release)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no such file') });
});

test('verify and install take what the key has signed, and nothing else', () => {
  sign('ours.key', release);
  const key = at('ours.pub');
  expect(callAgent(['verify', release, '--public-key', key])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(callAgent(['verify', release, '--public-key', readFileSync(key, 'utf8')]).exitCode).toBe(0);
  const altered = at('altered');
  copyFileSync(release, altered);
  writeFileSync(altered, 'x', { flag: 'a' });
  copyFileSync(`${release}.sig`, `${altered}.sig`);
  writeFileSync(at('broken.sig'), 'not base64 at all \u0000');
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [[altered, '--public-key', key], 'is not a signature of'],
    [[release, '--public-key', at('other.pub')], 'is not a signature of'],
    [[release, '--public-key', key, '--signature', at('broken.sig')], 'is not a signature of'],
    [[release, '--public-key', key, '--signature', at('none.sig')], 'is not signed: there is no'],
    [[release, '--public-key', at('ours.key')], 'give out the public one only'],
    [[release, '--public-key', `${release}.sig`], 'is no public key in PEM'],
    [[release, '--signature', `${release}.sig`], 'says nothing without --public-key'],
  ];
  for (const [args, words] of refusals)
    expect(callAgent(['verify', ...args])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(words),
      stdout: '',
    });

  const install = (...args: readonly string[]): Call => call([release, 'install', at('volume'), ...args]);
  expect(install('--public-key', at('other.pub'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('is not a signature of'),
  });
  expect(readdirSync(directory.path)).not.toContain('volume');
  expect(call([altered, 'install', at('volume')], { env: { ATTUNE_AGENT_PUBLIC_KEY: key } }).exitCode).toBe(1);
  expect(install('--public-key', key)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('installed') });
});

test('bootstrap.sh installs what the key has signed, and says what is wrong with anything else', async () => {
  sign('ours.key', release);
  const name = `attune-agent-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;
  mkdirSync(at('binaries'));
  symlinkSync(release, at(`binaries/${name}`));
  const token = 'a-token-for-the-download';
  await using server = await standalone(at('data'), {
    ATTUNE__AGENT__BOOTSTRAP_TOKEN: token,
    ATTUNE__AGENT__BINARY_DIR: at('binaries'),
    XDG_CACHE_HOME: at('cache'),
  });
  const script = directory.file('bootstrap.sh', await (await fetch(`${server.url}/api/v1/agent/bootstrap.sh`)).text());
  const bootstrap = async (
    place: string,
    key: string,
    path = process.env['PATH'] ?? '',
  ): Promise<Omit<Call, 'signal'>> => {
    const child = Bun.spawn(['/bin/sh', script, '--version'], {
      env: {
        PATH: path,
        HOME: directory.path,
        ATTUNE_AGENT_DIR: at(place),
        ATTUNE_AGENT_TOKEN: token,
        ATTUNE_AGENT_PUBLIC_KEY: key,
        ATTUNE_AGENT_RETRIES: '0',
      },
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { exitCode: await child.exited, stdout, stderr };
  };
  expect((await bootstrap('a', at('ours.pub'))).stderr).toContain(
    'the server has none',
  ); /* the signature is not beside that name */
  const signed = readFileSync(`${release}.signed`, 'utf8');
  const offered = at(`binaries/${name}.signed`);
  writeFileSync(offered, signed);
  expect(await bootstrap('b', readFileSync(at('ours.pub'), 'utf8'))).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('attune-agent'),
  });
  expect((await bootstrap('b', at('ours.pub'))).stderr).toContain('is up to date');
  expect(await bootstrap('b', at('other.pub'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('is not signed by the key'),
  });
  expect(await bootstrap('c', at('other.pub'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('is not signed by the key'),
  });
  expect(readdirSync(at('c'))).toEqual([]);
  /* Only the tools that it needs besides. */
  mkdirSync(at('tools'));
  for (const tool of [
    'cat',
    'chmod',
    'cp',
    'id',
    'ls',
    'curl',
    'cut',
    'head',
    'mkdir',
    'mv',
    'rm',
    'sed',
    'sha256sum',
    'sleep',
    'tail',
    'tr',
    'uname',
    'wc',
  ])
    symlinkSync(Bun.which(tool) ?? tool, at(`tools/${tool}`));
  /* Signed by the key, and not what is wanted here: of another name, for another processor, older than what is there. */
  const restated = (from: RegExp, to: string): void => {
    const text = signed.replace(/signature .*\n/, '').replace(from, to);
    writeFileSync(at('statement'), text);
    openssl('dgst', '-sha256', '-sign', 'ours.key', '-out', 'statement.der', 'statement');
    writeFileSync(offered, `${text}signature ${readFileSync(at('statement.der')).toString('base64')}\n`);
  };
  const wrong: readonly (readonly [RegExp, string, string])[] = [
    [/^name .*/m, 'name other-program', 'is signed as other-program for'],
    [/^arch .*/m, 'arch riscv64', 'and not as attune-agent for'],
    [/^sha256 .*/m, `sha256 ${'0'.repeat(64)}`, `expected ${'0'.repeat(64)}`],
    [/^version .*/m, 'version 0.0.9', 'which is older than 0.1.0'],
    [/^version .*/m, 'version 0.1.0-rc.1', 'which is older than 0.1.0'],
  ];
  for (const [from, to, why] of wrong) {
    restated(from, to);
    expect([to, await bootstrap('b', at('ours.pub'))]).toMatchObject([
      to,
      { exitCode: 1, stderr: expect.stringContaining(why) },
    ]);
  }
  restated(/^version .*/m, 'version 0.0.9');
  writeFileSync(offered, readFileSync(offered, 'utf8').replace('0.0.9', '9.0.0'));
  expect((await bootstrap('b', at('ours.pub'))).stderr).toContain('is not signed by the key');
  for (const version of ['0.1.1', '0.2.0', '1.0.0', '0.10.0', '0.1.0+more']) {
    restated(/^version .*/m, `version ${version}`);
    expect([version, (await bootstrap('b', at('ours.pub'))).exitCode]).toEqual([version, 0]);
  }
  writeFileSync(offered, signed);
  expect(await bootstrap('d', at('ours.pub'), at('tools'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('neither openssl nor cosign is here'),
  });
}, 120_000);
