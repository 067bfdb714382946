import { tarball } from '#test/support/packs-with-dependencies.ts';
import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

const packageJson = (dependencies: object): string =>
  JSON.stringify({ name: 'demo', version: '1.0.0', private: true, dependencies });

/** A pack whose own script fails while it is installed. */
const throwing = {
  'package.json': JSON.stringify({ name: 'demo', version: '1.0.0', scripts: { postinstall: 'node install.js' } }),
  'install.js': "console.log('downloading');\nthrow new Error('the mirror is missing:\\n  set FOO_MIRROR');\n",
};

function lock(version: string, integrity: string, resolved: string): string {
  return JSON.stringify({
    ...{ name: 'demo', version: '1.0.0', lockfileVersion: 3, requires: true },
    packages: {
      '': { name: 'demo', version: '1.0.0', dependencies: { tiny: version } },
      'node_modules/tiny': { version, resolved, integrity },
    },
  });
}

export function node({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const quick = { NPM_CONFIG_FETCH_RETRIES: '0', npm_config_fetch_retries: '0' };
  const one = (
    [tool, why]: readonly [string, string],
    files: FailingInstall['files'],
    registry: string,
  ): FailingInstall => ({
    ...{ tool, why, family: 'node', files },
    env: { ...quick, NPM_CONFIG_REGISTRY: registry, npm_config_registry: registry, YARN_REGISTRY: registry },
  });
  const wrong = `sha512-${Buffer.alloc(64).toString('base64')}`;
  const tgz = `${url}/npm/tiny-1.0.0.tgz`;
  const pnpmLock = (specifier: string, version: string, integrity = wrong): string =>
    `lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    dependencies:\n      tiny:\n        specifier: ${specifier}\n        version: ${version}\n\npackages:\n\n  tiny@${version}:\n    resolution: {integrity: ${integrity}}\n\nsnapshots:\n\n  tiny@${version}: {}\n`;
  const yarnLock = (spec: string, version: string, more = ''): string =>
    `# yarn lockfile v1\n\n\ntiny@${spec}:\n  version "${version}"\n  resolved "${tgz}${more}"\n`;
  const all = (why: string, registry: string) => [
    one(['npm', why], { 'package.json': packageJson({ tiny: '1.0.0' }) }, registry),
    one(
      ['pnpm', why],
      { 'package.json': packageJson({ tiny: '1.0.0' }), 'pnpm-lock.yaml': pnpmLock('1.0.0', '1.0.0') },
      registry,
    ),
    one(
      ['yarn', why],
      {
        'package.json': packageJson({ tiny: '1.0.0' }),
        'yarn.lock':
          '# yarn lockfile v1\n\n\n' +
          `tiny@1.0.0:\n  version "1.0.0"\n  resolved "${registry}/tiny-1.0.0.tgz#0000000000000000000000000000000000000000"\n`,
      },
      registry,
    ),
  ];
  return [
    ...all('no network', NOWHERE),
    ...all('no such host', 'http://no-such-host.invalid'),
    ...all('untrusted certificate', `${untrusted}/npm`),
    ...all('authentication', `${url}/denied`),
    ...all('forbidden', `${url}/forbidden`),
    ...all('not there', `${url}/none`),
    one(['npm', 'no such version'], { 'package.json': packageJson({ tiny: '2.0.0' }) }, `${url}/npm`),
    one(
      ['npm', 'no package.json of JSON'],
      { 'package.json': packageJson({ tiny: '1.0.0' }), 'package-lock.json': '{"lockfileVersion": 3,' },
      `${url}/npm`,
    ),
    one(
      ['npm', 'lock out of step'],
      {
        'package.json': packageJson({ tiny: '1.0.0', other: '^1.0.0' }),
        'package-lock.json': lock('1.0.0', wrong, tgz),
      },
      `${url}/npm`,
    ),
    one(
      ['npm', 'another checksum'],
      { 'package.json': packageJson({ tiny: '1.0.0' }), 'package-lock.json': lock('1.0.0', wrong, tgz) },
      `${url}/npm`,
    ),
    one(
      ['npm', 'a script that fails'],
      {
        'package.json': packageJson({ tiny: 'file:vendor/tiny.tgz' }),
        'vendor/tiny.tgz': tarball({
          'package/package.json': JSON.stringify({
            name: 'tiny',
            version: '1.0.0',
            scripts: { install: 'no-such-cc -o tiny tiny.c' },
          }),
        }),
      },
      `${url}/npm`,
    ),
    one(
      ['npm', 'peers that conflict'],
      {
        'package.json': packageJson({ tiny: 'file:vendor/tiny.tgz', other: 'file:vendor/other.tgz' }),
        'vendor/tiny.tgz': tarball({ 'package/package.json': JSON.stringify({ name: 'tiny', version: '1.0.0' }) }),
        'vendor/other.tgz': tarball({
          'package/package.json': JSON.stringify({
            name: 'other',
            version: '1.0.0',
            peerDependencies: { tiny: '^2.0.0' },
          }),
        }),
      },
      `${url}/npm`,
    ),
    one(
      ['pnpm', 'lock out of step'],
      { 'package.json': packageJson({ tiny: '1.0.0', other: '^1.0.0' }), 'pnpm-lock.yaml': pnpmLock('1.0.0', '1.0.0') },
      `${url}/npm`,
    ),
    one(
      ['pnpm', 'another checksum'],
      { 'package.json': packageJson({ tiny: '1.0.0' }), 'pnpm-lock.yaml': pnpmLock('1.0.0', '1.0.0') },
      `${url}/npm`,
    ),
    one(
      ['pnpm', 'a lock that is broken'],
      { 'package.json': packageJson({ tiny: '1.0.0' }), 'pnpm-lock.yaml': 'lockfileVersion: [\n' },
      `${url}/npm`,
    ),
    one(['yarn', 'a script of the pack that throws'], { ...throwing, 'yarn.lock': '' }, url),
    one(
      ['pnpm', 'a script of the pack that throws'],
      { ...throwing, 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
      url,
    ),
    one(
      ['yarn', 'lock out of step'],
      { 'package.json': packageJson({ tiny: '1.0.0', other: '^1.0.0' }), 'yarn.lock': yarnLock('1.0.0', '1.0.0') },
      `${url}/npm`,
    ),
    one(
      ['yarn', 'another checksum'],
      {
        'package.json': packageJson({ tiny: '1.0.0' }),
        'yarn.lock': yarnLock('1.0.0', '1.0.0', '#0000000000000000000000000000000000000000'),
      },
      `${url}/npm`,
    ),
    one(
      ['yarn', 'another checksum, by integrity'],
      {
        'package.json': packageJson({ tiny: '1.0.0' }),
        'yarn.lock': `${yarnLock('1.0.0', '1.0.0')}  integrity ${wrong}\n`,
      },
      `${url}/npm`,
    ),
  ];
}
