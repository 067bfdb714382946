import { tarball } from '#test/support/packs-with-dependencies.ts';
import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

type Case = readonly [why: string, mirror: string, cpanfile?: string, more?: FailingInstall['files']];

export function perl({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const make = ([why, mirror, cpanfile = "requires 'Tiny';\n", more = {}]: Case): FailingInstall => ({
    ...{ tool: 'cpanm', why, family: 'perl', files: { cpanfile, ...more } },
    env: { PERL_CPANM_OPT: `--mirror ${mirror} --mirror-only` },
  });
  const distribution = (files: Record<string, string>): FailingInstall['files'] => ({
    'vendor/modules/02packages.details.txt.gz': Bun.gzipSync(
      'File: 02packages.details.txt\nLine-Count: 1\n\nTiny 1.0.0 T/TI/TINY/Tiny-1.0.0.tar.gz\n',
    ),
    'vendor/authors/id/T/TI/TINY/Tiny-1.0.0.tar.gz': tarball(files),
  });
  const makefile = (more = '') =>
    `use ExtUtils::MakeMaker; WriteMakefile(NAME => 'Tiny', VERSION => '1.0.0'${more});\n`;
  const cases: readonly Case[] = [
    ['no network', NOWHERE],
    ['no such host', 'http://no-such-host.invalid'],
    ['untrusted certificate', `${untrusted}/cpan`],
    ['authentication', `${url}/denied`],
    ['not there', `${url}/none`],
    [
      'no such version',
      url,
      "requires 'Tiny', '== 2.0.0';\n",
      distribution({
        'Tiny-1.0.0/Makefile.PL': makefile(),
        'Tiny-1.0.0/Tiny.pm': "package Tiny; our $VERSION = '1.0.0'; 1;\n",
      }),
    ],
    [
      'no compiler',
      url,
      "requires 'Tiny';\n",
      distribution({
        'Tiny-1.0.0/Makefile.PL': makefile(", CC => 'no-such-cc'"),
        'Tiny-1.0.0/Tiny.xs':
          '#include "EXTERN.h"\n#include "perl.h"\n#include "XSUB.h"\nMODULE = Tiny PACKAGE = Tiny\n',
        'Tiny-1.0.0/lib/Tiny.pm': "package Tiny; our $VERSION = '1.0.0'; 1;\n",
      }),
    ],
    [
      'a Makefile.PL that asks for more',
      url,
      "requires 'Tiny';\n",
      distribution({
        'Tiny-1.0.0/Makefile.PL': "die 'libtiny was not found: install libtiny-dev';\n",
        'Tiny-1.0.0/lib/Tiny.pm': "package Tiny; our $VERSION = '1.0.0'; 1;\n",
      }),
    ],
    ['a cpanfile that is broken', url, "requires 'Tiny\n"],
    ['a newer Perl', url, "requires 'perl', '7.0';\nrequires 'Tiny';\n"],
  ];
  return cases.map(make);
}
