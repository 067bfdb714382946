import { tarball } from '#test/support/packs-with-dependencies.ts';
import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

export function r({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const lockOf = (repository: string, version = '1.0.0', name = 'tiny'): string =>
    JSON.stringify({
      R: { Version: '4.2.2', Repositories: [{ Name: 'CRAN', URL: repository }] },
      Packages: { [name]: { Package: name, Version: version, Source: 'Repository', Repository: 'CRAN' } },
    });
  const renv = (why: string, text: string, more: FailingInstall['files'] = {}): FailingInstall => ({
    ...{ tool: 'renv', why, family: 'r', files: { 'renv.lock': text, ...more } },
  });
  const source = (files: Record<string, string>, needs = 'no'): FailingInstall['files'] => ({
    'vendor/src/contrib/PACKAGES': `Package: tiny\nVersion: 1.0.0\nLicense: MIT\nNeedsCompilation: ${needs}\n`,
    'vendor/src/contrib/tiny_1.0.0.tar.gz': tarball({
      'tiny/DESCRIPTION': `Package: tiny\nVersion: 1.0.0\nTitle: T\nDescription: D.\nLicense: MIT\nAuthor: T\nMaintainer: T <t@example.com>\nNeedsCompilation: ${needs}\n`,
      'tiny/NAMESPACE': 'export(f)\n',
      'tiny/R/f.R': 'f <- function() 1\n',
      ...files,
    }),
  });
  return [
    renv('no network', lockOf(NOWHERE)),
    renv('no such host', lockOf('http://no-such-host.invalid')),
    renv('untrusted certificate', lockOf(`${untrusted}/cran`)),
    renv('authentication', lockOf(`${url}/denied`)),
    renv('not there', lockOf(`${url}/none`)),
    renv('no such version', lockOf(`${url}/cran`, '2.0.0'), source({})),
    renv('no such package', lockOf(`${url}/cran`, '1.0.0', 'nowhere')),
    renv('no download', lockOf(`${url}/cran`)),
    renv('no header', lockOf(url), source({ 'tiny/src/tiny.c': '#include <no-such-library.h>\n' }, 'yes')),
    renv('code that is broken', lockOf(`${url}/cran`), source({ 'tiny/R/f.R': 'f <- function( {\n' })),
    renv('a lock that is broken', '{"Packages": '),
  ];
}
