import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

type Case = readonly [why: string, repository: string, more?: object, files?: FailingInstall['files']];

export function php({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const make = ([why, repository, more = {}, files = {}]: Case): FailingInstall => ({
    ...{ tool: 'composer', why, family: 'php' },
    files: {
      'composer.json': JSON.stringify({
        require: { 'tiny/tiny': '1.0.0' },
        repositories: [{ type: 'composer', url: repository }, { 'packagist.org': false }],
        config: { 'secure-http': false },
        ...more,
      }),
      ...files,
    },
  });
  const lock = JSON.stringify({
    'content-hash': 'x',
    packages: [{ name: 'old/old', version: '1.0.0' }],
    'packages-dev': [],
    aliases: [],
    'minimum-stability': 'stable',
    'stability-flags': {},
    'prefer-stable': false,
    'prefer-lowest': false,
    platform: {},
    'platform-dev': {},
  });
  const cases: readonly Case[] = [
    ['no network', NOWHERE],
    ['no such host', 'http://no-such-host.invalid'],
    ['untrusted certificate', `${untrusted}/composer`],
    ['authentication', `${url}/denied`],
    ['no such version', `${url}/composer`, { require: { 'tiny/tiny': '2.0.0' } }],
    ['no such package', `${url}/composer`, { require: { 'no/where': '2.0.0' } }],
    ['not there', `${url}/composer`],
    ['lock out of step', `${url}/composer`, {}, { 'composer.lock': lock }],
    ['an extension of PHP', `${url}/composer`, { require: { 'ext-nowhere': '*' } }],
    ['another PHP', `${url}/composer`, { require: { php: '^5.6' } }],
    ['no https', 'http://example.invalid/composer', { config: {} }],
    ['a lock that is broken', `${url}/composer`, {}, { 'composer.lock': '{<<<<' }],
    ['broken', '', {}, { 'composer.json': '{"require": {' }],
  ];
  return cases.map(make);
}
