import { tarball, wheel } from '#test/support/packs-with-dependencies.ts';
import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE, UV } from './failing-install.ts';

const brokenC = "import os\nos.environ['CC'] = 'no-such-cc'\n";
const extension = (before: string): Uint8Array =>
  tarball({
    'tiny-1.0.0/setup.py': `${before}from setuptools import setup, Extension\nsetup(name='tiny', version='1.0.0', ext_modules=[Extension('tiny', ['tiny.c'])])\n`,
    'tiny-1.0.0/tiny.c': '#include <no-such-library.h>\n',
    'tiny-1.0.0/PKG-INFO': 'Metadata-Version: 1.0\nName: tiny\nVersion: 1.0.0\n',
  });

type Case = readonly [
  why: string,
  requirements: string,
  env?: Readonly<Record<string, string>>,
  more?: FailingInstall['files'],
];

export function python({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const both = ([why, requirements, env = {}, more = {}]: Case) =>
    ['pip', 'uv'].map((tool) => ({
      tool,
      why,
      family: 'python',
      files: { 'requirements.txt': requirements, ...more },
      env: {
        ...(tool === 'uv' ? { PATH: UV } : {}),
        PIP_RETRIES: '0',
        UV_HTTP_RETRIES: '0',
        ...env,
        ...(env['PIP_INDEX_URL'] === undefined ? {} : { UV_INDEX_URL: env['PIP_INDEX_URL'] }),
      },
    }));
  const offline = { ATTUNE__ENVIRONMENTS__OFFLINE: 'true' };
  const hash = '0'.repeat(64);
  const cases: readonly Case[] = [
    ['no such version', 'tiny==2.0.0\n', { PIP_INDEX_URL: `${url}/pypi/simple` }],
    ['no such package', 'nowhere-to-be-found==1.0\n', { PIP_INDEX_URL: `${url}/pypi/simple` }],
    ['no network', 'tiny==1.0.0\n', { PIP_INDEX_URL: `${NOWHERE}/simple` }],
    ['no such host', 'tiny==1.0.0\n', { PIP_INDEX_URL: 'http://no-such-host.invalid/simple' }],
    ['untrusted certificate', 'tiny==1.0.0\n', { PIP_INDEX_URL: `${untrusted}/pypi/simple` }],
    ['authentication', 'tiny==1.0.0\n', { PIP_INDEX_URL: `${url}/denied/simple` }],
    ['forbidden', 'tiny==1.0.0\n', { PIP_INDEX_URL: `${url}/forbidden/simple` }],
    [
      'another hash',
      `tiny==1.0.0 --hash=sha256:${hash}\n`,
      offline,
      {
        'vendor/tiny-1.0.0-py3-none-any.whl': wheel('1.0.0'),
      },
    ],
    ['a line that is none', 'tiny===>1\n', offline],
    [
      'two that conflict',
      'tiny==1.0.0\ntiny==1.1.0\n',
      offline,
      {
        'vendor/tiny-1.0.0-py3-none-any.whl': wheel('1.0.0'),
        'vendor/tiny-1.1.0-py3-none-any.whl': wheel('1.1.0'),
      },
    ],
    ['no compiler', 'tiny==1.0.0\n', offline, { 'vendor/tiny-1.0.0.tar.gz': extension(brokenC) }],
    ['no header', 'tiny==1.0.0\n', offline, { 'vendor/tiny-1.0.0.tar.gz': extension('') }],
    [
      'another Python',
      'tiny==1.0.0\n',
      offline,
      {
        'vendor/tiny-1.0.0-cp27-none-any.whl': wheel('1.0.0'),
      },
    ],
    ['a file that is not there', '-r more.txt\n', offline],
  ];
  /* What uv builds it builds with tools that it downloads: those cases are about pip. */
  return cases.flatMap(both).filter(({ tool, why }) => tool !== 'uv' || !/compiler|header/.test(why));
}
