import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

export function ruby({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const bundler = (why: string, gemfile: string, more: FailingInstall['files'] = {}): FailingInstall => ({
    ...{ tool: 'bundler', why, family: 'ruby', files: { Gemfile: gemfile, ...more } },
    env: { BUNDLE_RETRY: '0' },
  });
  const from = (source: string, version = '1.0.0'): string => `source '${source}'\ngem 'tiny', '${version}'\n`;
  const gemspec =
    "Gem::Specification.new do |s|\n  s.name = 'tiny'\n  s.version = '1.0.0'\n  s.summary = 't'\n  s.authors = ['t']\n  s.files = []\n";
  return [
    bundler('no network', from(NOWHERE)),
    bundler('no such host', from('http://no-such-host.invalid')),
    bundler('untrusted certificate', from(`${untrusted}/gems`)),
    bundler('authentication', from(`${url}/denied`)),
    bundler('forbidden', from(`${url}/forbidden`)),
    bundler('no such version', from(`${url}/gems`, '2.0.0')),
    bundler('no such gem', `source '${url}/gems'\ngem 'nowhere', '1.0.0'\n`),
    bundler('not there', from(`${url}/gems`)),
    bundler('lock out of step', "gem 'tiny', path: 'vendor/tiny'\ngem 'other', path: 'vendor/other'\n", {
      'vendor/tiny/tiny.gemspec': `${gemspec}end\n`,
      'vendor/other/other.gemspec': `${gemspec.replace("'tiny'", "'other'")}end\n`,
      'Gemfile.lock':
        'PATH\n  remote: vendor/tiny\n  specs:\n    tiny (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  tiny!\n',
    }),
    bundler('another Ruby', "ruby '~> 1.9'\ngem 'tiny', path: 'vendor/tiny'\n", {
      'vendor/tiny/tiny.gemspec': `${gemspec}end\n`,
    }),
    bundler('a lock of another platform', "gem 'tiny', path: 'vendor/tiny'\n", {
      'vendor/tiny/tiny.gemspec': `${gemspec}end\n`,
      'Gemfile.lock':
        'PATH\n  remote: vendor/tiny\n  specs:\n    tiny (1.0.0)\n\nPLATFORMS\n  x86_64-darwin\n\nDEPENDENCIES\n  tiny!\n',
    }),
    bundler('a lock with conflicts', "gem 'tiny', path: 'vendor/tiny'\n", {
      'vendor/tiny/tiny.gemspec': `${gemspec}end\n`,
      'Gemfile.lock': '<<<<<<< HEAD\nPATH\n  remote: vendor/tiny\n=======\n>>>>>>> other\n',
    }),
    bundler('a Gemfile that is broken', "gem 'tiny',\n"),
  ];
}
